"""Ratings in, recommendations out, in scikit-learn's manners: `Recommender().fit(ratings).recommend(user)`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from rowwise.api import zoo
from rowwise.api.estimator import Estimator
from rowwise.api.fitted import Fitted
from rowwise.api.model import Model
from rowwise.api.ranking import likes_in, measured, rank
from rowwise.api.x_and_y import features, has_names, targets
from rowwise.backends import registry
from rowwise.data.files.open import are_files
from rowwise.data.named import cells, named
from rowwise.data.roles import check_roles, roles, unnamed
from rowwise.data.source import Opened, Source, open_source
from rowwise.data.tails import tail, tamed
from rowwise.english import n_of
from rowwise.errors import BadData, BadOption
from rowwise.models.words import Dropout, Row, Weight
from rowwise.options import WIDEST, name_of_column, number, one_of, whole
from rowwise.train.history import linear_decay
from rowwise.train.options import LARGEST_SEED, MOST_EPOCHS, FitOptions
from rowwise.train.rescue import restarted
from rowwise.train.sets import columns_on_disk, parts_of
from rowwise.trained.metrics import Evaluation
from rowwise.trained.recommend import free_name

# What each model takes, and the defaults that suit it.
MODELS: dict[str, dict[str, float]] = {
    "matrix_factorization": {"factors": 128, "learning_rate": 0.022, "reg": 0.055},
    "biases_only": {"learning_rate": 0.01, "reg": 0.02},
    "dot_product": {"factors": 128, "learning_rate": 0.03, "reg": 0.1},
    "neural_net": {"factors": 50, "learning_rate": 0.001, "reg": 1e-4},
}

DEFAULT = "matrix_factorization"
TASKS = ("auto", "ratings", "ranking")
OF_LISTS = ("factors", "reg", "validation", "min_count", "progress")  # what lists have of the settings and options
CLOSE = 1e-3  # errors that differ by less, as a share, are equal
WORSE = 1.1  # a loss above it is worse than the mean's, 1 in units of the spread; of pure chance it is a little above 1
NOT_COMPARED = "no ratings were held back: validation=0.1 (--validation 0.1) compares with biases only"


class Recommender(Estimator):
    """A recommender of items to users from a table of ratings, or of pairs: who took what.

    Of pairs it learns lists: what each item says of each other, solved for as a whole (Steck 2019 and 2020), so that a
    list is told by what its user has. Of very many items, or with `factors=` or `reg=`, rows of factors are solved for
    instead (Hu, Koren & Volinsky 2008). Settings are chosen inside the pairs: `fitted_.report` says which, and `lists_`
    holds how good the lists are on pairs held back (`validation=`), beside those of popularity.

    The defaults were chosen on parts of the training data of MovieLens: matrix factorization with biases, trained one
    rating at a time by plain SGD whose rate falls in a line to zero, from rows that start near zero. They learn in
    units of the ratings' spread, so it makes no difference whether these are stars, percents or prices.

    Args:
        user, item, target: the names of the columns; by default the first three of the data, in that order.
        task: "ratings" predicts how much, "ranking" what comes first in a list; by default "auto", which ranks where
            the data say who and what, and not how much.
        likes: where ratings are to be ranked, from which number on one is a like; by default from their mean on.
        model: "matrix_factorization", "biases_only", "dot_product" or "neural_net"; by default the first, or the
            second where that is better on what is held back.
        factors: numbers in a row of a user or an item: 128, 50 in the net; biases have none.
        epochs, learning_rate: passes over the data, and the rate of the first (0.022; of biases alone 0.01, of
            the dot product 0.03, in the net 0.001); change them together.
        reg: weight of the squared rows in the loss of each rating (l2): 0.055, of biases alone 0.02, of the dot
            product 0.1, in the net 1e-4.
        seed: the same seed gives the same tables, bit for bit on one kind of processor.

    After `fit`, `fitted_` is the trained model and `history_` its course. With `validation=` and no `model=`, biases
    alone are trained beside matrix factorization, and kept where their error on what is held back is lower: `model_`
    names what was kept, `fitted_.report` says why, and `not_kept_` holds the errors of the other. A model that was
    asked for by name is kept. Without `validation=` nothing is compared, which the report says. The report also tells
    of ratings far from all others, which are learnt as the nearest of the others, and of a default rate that diverged,
    or ended worse than predicting the mean, and was lowered.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        item: str | None = None,
        target: str | None = None,
        task: str = "auto",
        likes: float | None = None,
        model: str | None = None,
        factors: int | None = None,
        epochs: int = 20,
        learning_rate: float | None = None,
        reg: float | None = None,
        seed: int = 0,
    ):
        self.user = user
        self.item = item
        self.target = target
        self.task = task
        self.likes = likes
        self.model = model
        self.factors = factors
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.reg = reg
        self.seed = seed

    def fit(self, ratings: Source, y: object = None, **options: Any) -> "Recommender":
        """Train on a file, frame or query of ratings; `options` go to `rowwise.api.model.Model.fit`.

        In scikit-learn's manner, `ratings` may be pairs (n, 2) with the ratings in `y`.
        """
        self._check_settings()
        FitOptions.of(options)
        X = None if y is None else features(ratings, [self.user or "user", self.item or "item"])
        source = ratings if X is None else self._with_ratings(X, y)
        in_parts = options.get("chunk_rows")
        glance = columns_on_disk(source, in_parts) if in_parts else source  # the file stays where it is
        opened = self.opened(glance, options.get("sample_weight"))
        found = self._roles(opened.frame.columns)
        self.user_, self.item_, self.target_ = found["user"], found["item"], found.get("target")
        self.task_ = self._task(self.target_)
        if X is None:
            check_roles(opened.frame, {"user": self.user_, "item": self.item_}, self._named)
        self._remember_features(opened.frame.select(named([self.user_, self.item_])) if X is None else X, of=ratings)
        if self.task_ == "ranking" or self.target_ is None:
            return self._fit_lists(opened, options)
        if in_parts:
            source, said = parts_of(source, opened.frame.columns, in_parts), list[str]()
        else:
            source, said = _looked_at(opened, self.target_)
        self.model_, self.not_kept_, self.lists_ = self._known_model(), {}, {}
        is_open = self.model is None
        self.fitted_: Fitted = self._trained(self.model_, source, options)
        if is_open:
            said.append(NOT_COMPARED if options.get("validation") is None else self._keep_the_better(source, options))
        report = "\n".join([self.fitted_.report, *filter(None, said)])
        self.fitted_ = Fitted(replace(self.fitted_.trained, report=report))
        return self

    def opened(self, ratings: Source, sample_weight: object = None) -> Opened:
        """The ratings, read once, with the columns that say who, what and how much, and what each counts for."""
        more = [sample_weight] if isinstance(sample_weight, str) else []
        names = [self.user or "user", self.item or "item", self.target or "rating"]
        return open_source(ratings, columns=lambda there: [*self._roles(there).values(), *more], names=names)

    def _fit_lists(self, opened: Opened, options: dict[str, Any]) -> "Recommender":
        """Solve for what suits whom, from pairs."""
        given = {"model": self.model, "learning_rate": self.learning_rate, **options}
        strange = next((n for n, value in given.items() if n not in OF_LISTS and value not in (None, "auto")), None)
        if strange is not None:
            raise BadOption(
                f"{strange}= with lists, which are solved for and not trained",
                expected=f"of these, {', '.join(f'{name}=' for name in OF_LISTS)} only",
                mend=f"leave {strange}= out, or task='ratings'",
            )
        likes, said = None, list[str]()
        if self.target_ is not None:
            likes, told = likes_in(opened, self.target_, self.likes)
            said.append(told)
        held, least = options.get("validation"), options.get("min_count", 1)
        settings = {"factors": self.factors, "reg": self.reg, "seed": self.seed}
        ranked = rank(opened, self.user_, self.item_, likes, **settings, validation=held, min_count=least)
        report = "\n".join([ranked.fitted.report, *said, *ranked.said])
        self.model_, self.not_kept_, self.lists_ = ranked.model, {}, ranked.lists
        self.fitted_ = Fitted(replace(ranked.fitted.trained, report=report))
        return self

    def _trained(self, model: str, source: object, options: dict[str, Any]) -> Fitted:
        """One model trained; at a lower rate, where that of the defaults diverges or ends worse than the mean."""
        built = self._model(model)
        own: dict[str, Any] = {"epochs": self.epochs, "seed": self.seed}
        rate = self._setting("learning_rate", model)

        def fit(rate: float, checkpoint: Path | None) -> Fitted:
            steps = self._steps(model, rate, options)
            return built.fit(source, **(own | steps | options | {"checkpoint": checkpoint}))

        checkpoint = Path(options["checkpoint"]) if options.get("checkpoint") else None
        if self.learning_rate is not None or "learning_rate" in options:
            return fit(rate, checkpoint)
        # Under dropout or weights the loss is not that of the prediction: what the mean would have is not known.
        is_plain = model != "neural_net" and options.get("sample_weight") is None
        fitted, said = restarted(fit, rate, checkpoint, is_worse=_is_worse if is_plain else lambda _: False)
        if not said:
            return fitted
        settings = {**fitted.settings, "restarted": "; ".join(said)}
        return Fitted(replace(fitted.trained, settings=settings, report="\n".join([fitted.report, *said])))

    def _steps(self, model: str, rate: float, options: dict[str, Any]) -> dict[str, Any]:
        if model == "neural_net":
            return {"optimizer": "adam", "learning_rate": rate}
        # The rate is that of one rating; a batch steps by the mean gradient, so it takes as many times the rate.
        size = options.get("batch_size") or _usual_batch_size(options.get("engine", registry.AUTO))
        return {"optimizer": "sgd", "learning_rate": linear_decay(rate * size, self.epochs), "batch_size": size}

    def _keep_the_better(self, source: object, options: dict[str, Any]) -> str:
        """Train biases alone beside the model, and keep those where they are better on what was held back."""
        if "interrupted" in self.fitted_.settings:
            return ""
        plain = {name: value for name, value in options.items() if name not in ("checkpoint", "watch", "progress")}
        rival = self._trained("biases_only", source, {**plain, "progress": False})
        own, other = (_validation_error(fitted, options) for fitted in (self.fitted_, rival))
        if not other < own * (1 - CLOSE):
            return ""
        last = self.fitted_.history.row(-1, named=True)
        self.not_kept_ = {n.removeprefix("validation_"): e for n, e in last.items() if n.startswith("validation_")}
        self.model_, self.fitted_ = "biases_only", rival
        return (
            f"biases only is kept: its MSE on the examples held back is {other:.4g}, that of matrix factorization "
            f"{own:.4g}; for who likes what, there are too few ratings, or too much chance in them"
        )

    def partial_fit(self, ratings: Source, y: object = None, **options: object) -> "Recommender":
        """Train further on more ratings, once over unless `epochs` says more often; the first call is `fit`.

        Users and items that the first ratings lack share the unknown rows. `options` go to `Fitted.fit`.
        """
        if not hasattr(self, "fitted_"):
            return self.fit(ratings, y, **options)
        if self.task_ == "ranking":
            raise BadOption(
                "partial_fit of lists, which are solved for as a whole",
                expected="all pairs together",
                mend="fit on the old pairs and the new: it takes seconds",
            )
        self.fitted_ = self.fitted_.fit(self._rated(ratings, y), **options)
        return self

    def fold_in(self, ratings: Source, y: object = None) -> "Recommender":
        """Rows for users and items that training never saw, and nothing else moved; see `Fitted.fold_in`."""
        self.fitted_ = self.fitted_.fold_in(self._rated(ratings, y))
        return self

    def update(self, ratings: Source, y: object = None, **options: object) -> "Recommender":
        """New users and items folded in, then everything moved a little by these ratings; see `Fitted.update`."""
        self.fitted_ = self.fitted_.update(self._rated(ratings, y), **options)
        return self

    def predict(self, pairs: Source) -> np.ndarray:
        """The predicted rating of each pair: (n,)."""
        return self.fitted_.predict(self._pairs(pairs))

    def evaluate(self, ratings: Source, y: object = None) -> Evaluation:
        """RMSE, MSE and MAE on ratings held back; of lists NDCG, recall and others on pairs that are new."""
        if self.task_ == "ranking":
            return measured(self.fitted_.trained, self._pairs(ratings))
        return self.fitted_.evaluate(self._rated(ratings, y))

    def score(self, ratings: Source, y: object = None) -> float:
        """Minus the mean squared error, or NDCG@10 of lists: higher is better, as scikit-learn's searches want it."""
        if self.task_ == "ranking":
            return self.evaluate(ratings, y).metrics["ndcg@10"]
        return -self.evaluate(ratings, y).metrics["mse"]

    def recommend(self, users: object, n: int = 10, *, seen: str = "drop") -> pl.DataFrame:
        """The best `n` items for each user, without those seen; `seen="keep"` keeps them. See `Fitted.recommend`."""
        return self.fitted_.recommend(users, n, seen=seen)

    def similar(self, item: object, n: int = 10) -> pl.DataFrame:
        """The `n` items whose rows point most nearly the same way. See `Fitted.similar`."""
        return self.fitted_.similar(item, n)

    def __repr__(self) -> str:
        return f"Recommender(model={self.model!r}, epochs={self.epochs}, seed={self.seed})"

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn's searches and pipelines ask: a regressor of columns of ids."""
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(two_d_array=True, categorical=True, string=True),
        )

    def _with_ratings(self, frame: pl.DataFrame, y: object) -> pl.DataFrame:
        """X and y apart as one frame: who, what and how much, by the names that they have or else by ours."""
        rest = [name for name in frame.columns if name not in (self.user, self.item)]
        user, item = (named or (rest.pop(0) if rest else "") for named in (self.user, self.item))
        named = getattr(y, "name", None)
        target = free_name(self.target or (named if isinstance(named, str) and named else "rating"), (user, item))
        return _chosen(frame, user, item).with_columns(targets(y, len(frame)).alias(target))

    def _rated(self, ratings: Source, y: object) -> Source:
        """More ratings by the names of the first: as they are, or put together from pairs and ratings apart."""
        user, item, target = self.user_, self.item_, self.target_ or "rating"
        if y is None:
            return ratings
        self._check_width(ratings)
        frame = features(ratings, [user, item])
        return _chosen(frame, user, item).with_columns(targets(y, len(frame)).alias(target))

    def _pairs(self, pairs: Source) -> Source:
        """Pairs as a frame; what has names, or is a file, as it is."""
        user, item = self.user_, self.item_
        is_bare = isinstance(pairs, np.ndarray | list | tuple) or hasattr(pairs, "toarray")
        if not is_bare or has_names(pairs) or are_files(pairs):
            return pairs
        self._check_width(pairs)
        return features(pairs, [user, item])

    def _check_width(self, X: object) -> None:
        """Refuse an array of another number of columns than the array that it was fitted with had."""
        width = X.shape[1] if isinstance(X, np.ndarray) and X.ndim == 2 else self.n_features_in_
        if width != self.n_features_in_ and not hasattr(self, "feature_names_in_"):
            raise BadData(
                f"X has {width} features, but Recommender is expecting {self.n_features_in_} features as input",
                expected="as many columns as it was fitted with",
                mend=f"give {n_of(self.n_features_in_, 'column')}, in the order of those of fit",
            )

    def _remember_features(self, X: pl.DataFrame, *, of: object) -> None:
        """What scikit-learn asks for: how many columns X has, and their names if it had any."""
        self.n_features_in_ = X.width
        self.__dict__.pop("feature_names_in_", None)
        if not isinstance(of, np.ndarray | list | tuple):
            self.feature_names_in_ = np.array(X.columns, dtype=object)

    def _check_settings(self) -> None:
        """Each setting is of its kind: refused here, where all the others are known, and not deep inside."""
        self._known_model()
        for name in ("user", "item", "target"):
            if getattr(self, name) is not None:
                name_of_column(name, getattr(self, name))
        one_of("task", self.task, TASKS, mend="leave it out")
        if self.likes is not None:
            number("likes", self.likes)
        if self.factors is not None:
            whole("factors", self.factors, least=1, most=WIDEST)
        whole("epochs", self.epochs, least=1, most=MOST_EPOCHS, mend="epochs=20 is usual")
        for name in ("learning_rate", "reg"):
            if getattr(self, name) is not None:
                number(name, getattr(self, name))
        whole("seed", self.seed, least=0, most=LARGEST_SEED, mend="seed=0 is the default")

    def _roles(self, there: list[str]) -> dict[str, str]:
        """The column of each role; none says how much where there are only two."""
        named = self._named
        if self.target is None and self.likes is None and self.task != "ratings":
            pair = {role: name for role, name in named.items() if role != "target"}
            n_left = len(unnamed(there, pair))
            if n_left == sum(name is None for name in pair.values()):
                return roles(there, pair)
        return roles(there, named)

    def _task(self, target: str | None) -> str:
        if self.task != "auto":
            return self.task
        return "ratings" if target is not None else "ranking"

    @property
    def _named(self) -> dict[str, str | None]:
        return {"user": self.user, "item": self.item, "target": self.target}

    def _known_model(self) -> str:
        """The model that was asked for, or the default."""
        model = DEFAULT if self.model is None else self.model
        one_of("model", model, MODELS, mend="leave it out")
        for name in ("factors", "learning_rate", "reg"):
            if getattr(self, name) is not None and name not in MODELS[model]:
                raise BadOption(
                    f"{name}={getattr(self, name)} with model={model!r}, which has no {name}",
                    expected=f"of these, {', '.join(f'{n}=' for n in MODELS[model])} only",
                    mend=f"leave {name}= out",
                )
        return model

    def _setting(self, name: str, model: str) -> float:
        """What the user chose for the model of the recommender, or the model's default."""
        chosen = getattr(self, name) if model == (self.model or DEFAULT) else None
        return MODELS[model][name] if chosen is None else chosen

    def _model(self, name: str) -> Model:
        chosen: Model = getattr(zoo, name)
        user, item, target = self.user_, self.item_, self.target_
        reg = self._setting("reg", name)
        factors = int(self._setting("factors", name)) if "factors" in MODELS[name] else 0
        words = {"user_bias": Row(user, l2=0.02)}
        if name == "biases_only":
            words |= {"user_bias": Row(user, l2=reg), "item_bias": Row(item, l2=reg)}
        elif name == "matrix_factorization":
            words |= {key: Row(c, factors, l2=reg, init=0.01) for key, c in (("user", user), ("item", item))}
            # An item's bias is worth holding close to zero: most items have few ratings.
            words["item_bias"] = Row(item, l2=0.5)
        else:
            words |= {key: Row(c, factors, l2=reg) for key, c in (("user", user), ("item", item))}
            words |= {"kept_rows": Dropout(2 * factors, 0.3), "hidden": Weight((70, 2 * factors))}
        words = {key: word for key, word in words.items() if key in chosen.words}
        return chosen.replace(target=target, clip="data", **words)


def _looked_at(source: Opened, target: str) -> tuple[Opened, list[str]]:
    """The ratings without what is far from all others, and what is to be said of that and of their tail."""
    if target not in source.frame.columns:
        return source, []  # the reader will say what is wrong
    ratings = cells(source.frame[target])
    if not (ratings.dtype.is_numeric() or source.is_text):
        return source, []
    numbers = ratings.cast(pl.Float64, strict=False)
    if not numbers.is_finite().all() or numbers.null_count():
        return source, []
    nearer, said = tamed(numbers, target)
    kept = (nearer.cast(pl.String) if source.is_text else nearer).alias(target)
    frame = source.frame.with_columns(kept) if said else source.frame
    return replace(source, frame=frame), [said, tail(nearer, target)]


def _usual_batch_size(engine: str) -> int:
    """One rating at a time, where a step for a single one is worth its while."""
    is_online = registry.checked(engine) == registry.AUTO or registry.engine(engine).is_online
    return 1 if is_online else 64


def _is_worse(fitted: Fitted) -> bool:
    """Whether a finished training ended with a loss above that of predicting the mean."""
    return "interrupted" not in fitted.settings and fitted.history["loss"][-1] > WORSE


def _validation_error(fitted: Fitted, options: dict[str, Any]) -> float:
    errors = fitted.history["validation_mse"]
    return float(errors.min() if options.get("patience") is not None else errors[-1])  # type: ignore[arg-type]


def _chosen(frame: pl.DataFrame, user: str, item: str) -> pl.DataFrame:
    missing = next((name for name in (user, item) if name not in frame.columns), None)
    if missing is not None:
        raise BadData(
            f"X has no column {missing!r}" if missing else f"X has the columns {', '.join(frame.columns)}",
            expected=f"two columns, who and what; it has {', '.join(frame.columns) or 'none'}",
            mend="give X a column for each, and name them as X does: Recommender(user='…', item='…')",
        )
    return frame.select(named([user, item]))
