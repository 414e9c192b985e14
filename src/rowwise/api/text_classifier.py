"""Texts and labels in, labels out, in scikit-learn's manners: `TextClassifier().fit(texts, labels).predict(new)`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from rowwise.api import zoo_text
from rowwise.api.estimator import Estimator
from rowwise.api.fitted import Fitted
from rowwise.api.model import Model
from rowwise.api.x_and_y import is_frame, targets
from rowwise.data.source import read
from rowwise.data.text import Text
from rowwise.data.tokens import as_texts
from rowwise.data.word_vocabulary import WordVocabulary
from rowwise.errors import BadData, BadOption
from rowwise.forks import not_in_a_fork
from rowwise.models.losses import categorical_cross_entropy, multilabel_cross_entropy
from rowwise.models.naive_bayes import LogCountRatio
from rowwise.models.words import Bag, Mean, Weight
from rowwise.narrow import is_array, is_iterable
from rowwise.options import WIDEST, name_of_column, number, one_of, said, whole
from rowwise.train.history import linear_decay
from rowwise.train.options import LARGEST_SEED, MOST_EPOCHS, FitOptions
from rowwise.train.weights import no_such_class
from rowwise.trained.classes import ClassReport, report

MODELS = ("naive_bayes_bag", "ngram_bag")


class TextClassifier(Estimator):
    """A classifier of texts by their words and n-grams.

    The defaults were chosen on parts of the training data of IMDb: one number for each 1- to 3-gram that occurs twice,
    begun at its naive Bayes log-count ratio and trained by logistic regression, a text at a time.

    Args:
        model: "naive_bayes_bag", or "ngram_bag": rows of several numbers as one, and a score for each class.
        text: how texts become rows; by default 1- to 3-grams that stand there twice, each counted once a text.
        dim: numbers in a row of an "ngram_bag".
        epochs, learning_rate: passes over the texts, and the rate of the first; change them together.
        class_weight: "balanced" (all classes count the same together), or a factor of the loss for each label.
        seed: the same seed gives the same rows, bit for bit on one kind of processor.
        column, target: what the columns of texts and labels are called in the model that is saved.

    Labels may also be a matrix, a line a text, with a 1 for each label that it has: each is then learnt by itself.

    After `fit`, `fitted_` is the trained model, `classes_` the labels in the order of `predict_proba`.
    """

    def __init__(
        self,
        *,
        model: str = "naive_bayes_bag",
        text: Text | None = None,
        dim: int = 16,
        epochs: int | None = None,
        learning_rate: float | None = None,
        class_weight: str | Mapping[Any, float] | None = None,
        seed: int = 0,
        column: str = "text",
        target: str = "label",
    ):
        self.model = model
        self.text = text
        self.dim = dim
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.class_weight = class_weight
        self.seed = seed
        self.column = column
        self.target = target

    def fit(self, texts: object, labels: object, sample_weight: object = None, **options: Any) -> "TextClassifier":
        """Train on texts (or lists of words) and their labels, each counting for its `sample_weight` if there is one.

        `options` go to `rowwise.api.model.Model.fit`.

        Raises:
            BadData: there are not as many labels as texts, a label is missing, or all labels are the same.
        """
        self._check_settings()
        FitOptions.of(options)
        column = _texts(texts)
        self.is_multilabel_ = _is_matrix(labels)
        if self.is_multilabel_:
            self.classes_, numbers = _several(labels, len(column))
        else:
            self.classes_, numbers = _numbered(targets(labels, len(column)))
        frame = pl.DataFrame({self.column: column, self.target: numbers.tolist()})
        if "validation" in options and not isinstance(options["validation"], float | None):
            options["validation"] = self._frame(*options["validation"])
        model, settings = self._model_and_settings(len(self.classes_))
        class_weight = options.pop("class_weight", self.class_weight)
        weights = {"sample_weight": sample_weight, "class_weight": self._by_number(class_weight)}
        fitted = model.fit(frame, **{**settings, **weights, "seed": self.seed, **options})
        if not self.is_multilabel_:
            fitted = Fitted(replace(fitted.trained, classes=tuple(self.classes_.tolist())))
        self.fitted_: Fitted = fitted
        return self

    def partial_fit(self, texts: object, labels: object, **options: object) -> "TextClassifier":
        """Train further on more texts, once over unless `epochs` says more often; the first call is `fit`.

        Words that the first texts lack stay without a row of their own. `options` go to `Fitted.fit`.

        Raises:
            BadData: a label that the first texts lack.
        """
        if not hasattr(self, "fitted_"):
            return self.fit(texts, labels, **options)
        column = _texts(texts)
        named = (
            np.asarray(labels).tolist()
            if self.is_multilabel_
            else [str(label) for label in targets(labels, len(column)).to_list()]
        )
        frame = pl.DataFrame({self.column: column, self.target: named})
        self.fitted_ = self.fitted_.fit(frame, **{"class_weight": self.class_weight, **options})
        return self

    def predict(self, texts: object) -> np.ndarray:
        """The most probable label of each text: (n,); of several labels a 1 for each that is likely: (n, labels)."""
        likely = self.predict_proba(texts)
        return (likely > 0.5).astype(np.int64) if self.is_multilabel_ else self.classes_[likely.argmax(1)]

    def predict_proba(self, texts: object) -> np.ndarray:
        """The probability of each class, or of each of several labels, for each text: (n, classes)."""
        predictions = self.fitted_.predict(pl.DataFrame({self.column: _texts(texts)}))
        return predictions if predictions.ndim > 1 else np.stack([1 - predictions, predictions], axis=1)

    def score(self, texts: object, labels: object) -> float:
        """The share of texts whose most probable label is the right one; of several labels, that have all right."""
        found = self.predict(texts)
        right = found == (np.asarray(labels) if self.is_multilabel_ else targets(labels, len(found)).to_numpy())
        return float((right.all(1) if self.is_multilabel_ else right).mean())

    def report(self, texts: object, labels: object) -> ClassReport:
        """Accuracy, log loss, F1 and AUC, what was taken for what, and whether probabilities mean what they say.

        Raises:
            BadData: a label that training never saw.
        """
        if self.is_multilabel_:
            raise BadOption(
                "a report of several labels", expected="one label a text", mend="classifier.fitted_.evaluate(frame)"
            )
        labels = targets(labels, len(_texts(texts))).to_numpy()
        target = np.searchsorted(self.classes_, labels).clip(max=len(self.classes_) - 1)
        strange = self.classes_[target] != np.asarray(labels)
        if strange.any():
            row = int(np.flatnonzero(strange)[0])
            raise BadData(
                f"the label of text {row} is {np.asarray(labels)[row]!s}",
                expected=f"one of {', '.join(map(str, self.classes_))}",
                mend="leave the text out, or fit again with it",
            )
        return report(self.predict_proba(texts), target, self.classes_.tolist())

    @not_in_a_fork
    def explain(self, text: str) -> pl.DataFrame:
        """What each word and n-gram of a text adds to its score, the strongest first.

        `count` is how often it stands there, `adds` what it adds to the log odds of the second of two classes; of more
        classes each has a column with what is added to its score.
        """
        vocabulary = self.fitted_.vocabularies[self.column]
        assert isinstance(vocabulary, WordVocabulary)
        rows = vocabulary.encode([text])[0]
        distinct, counts = np.unique(rows, return_counts=True)
        adds = self._rows()[distinct] * counts[:, None] / max(len(rows), 1) ** 0.5  # (distinct, scores)
        order = np.argsort(-np.ptp(adds, axis=1) if adds.shape[1] > 1 else -np.abs(adds[:, 0]), kind="stable")
        names = ["adds"] if adds.shape[1] == 1 else [str(label) for label in self.classes_]
        words = vocabulary.ids.gather(distinct[order].tolist()).alias("word")
        shown = {"word": words, "count": counts[order]} | {n: adds[order, k] for k, n in enumerate(names)}
        return pl.DataFrame(shown)

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn's searches and pipelines ask: a classifier of a column of texts."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(multi_label=True),
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
        )

    def __repr__(self) -> str:
        return f"TextClassifier(model={self.model!r}, seed={self.seed})"

    def _check_settings(self) -> None:
        """Each setting is of its kind: refused here, and not deep inside."""
        one_of("model", self.model, MODELS, mend="leave it out")
        if self.text is not None and not isinstance(self.text, Text):
            raise BadOption(said("text", self.text), expected="how texts become rows", mend="text=rw.Text(ngrams=2)")
        whole("dim", self.dim, least=1, most=WIDEST, mend="dim=16 is the default")
        if self.epochs is not None:
            whole("epochs", self.epochs, least=1, most=MOST_EPOCHS)
        if self.learning_rate is not None:
            number("learning_rate", self.learning_rate)
        whole("seed", self.seed, least=0, most=LARGEST_SEED, mend="seed=0 is the default")
        for name in ("column", "target"):
            name_of_column(name, getattr(self, name), mend="leave it out for the default")
        if self.column == self.target:
            raise BadOption(
                f"column={self.column!r} and target={self.target!r}", expected="two names", mend="leave one of them out"
            )

    def _by_number(self, class_weight: object) -> Any:
        """Weights of classes by the number of each.

        Raises:
            BadOption: one is for a label that there is not.
        """
        if not isinstance(class_weight, Mapping):
            return class_weight
        numbers = {label: k for k, label in enumerate(self.classes_.tolist())}
        strange = next((label for label in class_weight if label not in numbers), None)
        if strange is not None:
            raise no_such_class(strange, list(numbers))
        return {numbers[label]: weight for label, weight in class_weight.items()}

    def _frame(self, texts: object, labels: object) -> pl.DataFrame:
        given = np.asarray(labels)
        numbers = given if self.is_multilabel_ else np.searchsorted(self.classes_, given)
        return pl.DataFrame({self.column: _texts(texts), self.target: numbers.tolist()})

    def _model_and_settings(self, n_classes: int) -> tuple[Model, dict[str, Any]]:
        """The model for so many classes, and how it is trained."""
        if self.model == "naive_bayes_bag":
            text = self.text or zoo_text.NGRAMS
            width = None if n_classes == 2 and not self.is_multilabel_ else n_classes
            bag = Bag(self.column, width, combine="sqrtn", text=text, init=LogCountRatio(0.4))
            chosen: Model = zoo_text.naive_bayes_bag if width is None else zoo_text.naive_bayes_classes
            words = {"ngrams": bag} | ({"share": Mean(self.target)} if width is None else {})
            if self.is_multilabel_:
                chosen, words = zoo_text.naive_bayes_labels, {"ngrams": bag, "bias": Weight(n_classes)}
            return chosen.replace(target=self.target, **words), self._trained("paced_sgd", epochs=3, rate=5.0)
        if self.model == "ngram_bag":
            bag = Bag(self.column, self.dim, combine="sqrtn", text=self.text or zoo_text.NGRAMS, init="zeros")
            words = {"ngrams": bag, "output": Weight((n_classes, self.dim)), "bias": Weight(n_classes)}
            loss = multilabel_cross_entropy if self.is_multilabel_ else categorical_cross_entropy
            chosen = zoo_text.ngram_bag.replace(target=self.target, loss=loss, **words)
            return chosen, self._trained("adagrad", epochs=3, rate=0.1)
        raise AssertionError(self.model)

    def _trained(self, optimizer: str, *, epochs: int, rate: float) -> dict[str, Any]:
        epochs = epochs if self.epochs is None else self.epochs
        rate = rate if self.learning_rate is None else self.learning_rate
        return {
            "optimizer": optimizer,
            "epochs": epochs,
            "learning_rate": linear_decay(rate, epochs),
            "batch_size": 1,
        }

    def _rows(self) -> np.ndarray:
        """What each row would add alone to each score: (rows, scores); one score where there are two classes."""
        tables = self.fitted_.parameters.tables
        rows = tables["ngrams"]
        if self.model == "ngram_bag":
            scores = rows @ tables["output"].T
            return scores if scores.shape[1] != 2 or self.is_multilabel_ else scores[:, 1:] - scores[:, :1]
        return rows.reshape(len(rows), -1)


def _several(labels: object, n_texts: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of several labels, and which of them each text has: (n, labels)."""
    matrix = np.asarray(labels)
    if len(matrix) != n_texts:
        raise BadData(
            f"{n_texts:,} texts and {len(matrix):,} lines of labels",
            expected="a line for each text",
            mend="take the texts and the labels from the same rows",
        )
    if not ((matrix == 0) | (matrix == 1)).all():
        raise BadData(
            "the labels are a matrix, and not all of them 0 or 1",
            expected="a line a text, with a 1 for each label that it has",
            mend="of one label a text, give a list",
        )
    return np.arange(matrix.shape[1]), matrix.astype(np.int64)


def _texts(texts: object) -> pl.Series:
    """Texts in any form that holds one column of them: a list, a series, an array, a frame of a single column."""
    if is_frame(texts):
        frame = read(texts)
        if frame.width != 1:
            raise BadData(
                f"the texts are a frame of {frame.width} columns",
                expected="one column of texts",
                mend=f"give it alone: frame[{frame.columns[0]!r}]" if frame.columns else "give a list of texts",
            )
        return as_texts(frame.to_series(), what="the texts")
    if is_array(texts) and texts.ndim == 2 and texts.shape[1] == 1:
        texts = texts[:, 0]
    if isinstance(texts, str | bytes) or not is_iterable(texts):
        raise BadData(
            f"the texts are {str(texts)[:40]!r}",
            expected="a list, series or array of texts",
            mend="give a list, also of a single text: ['…']",
        )
    return as_texts(texts, what="the texts")


def _is_matrix(labels: Any) -> bool:
    """Whether there are several labels a text; a matrix of one column is a column."""
    shape = np.shape(labels)
    return len(shape) == 2 and shape[1] != 1


def _numbered(labels: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """The different labels in order, and the number of each text's."""
    given, n_texts = labels.to_list(), len(labels)
    missing = next((k for k, label in enumerate(given) if label is None or label != label), None)
    if missing is not None:
        raise BadData(f"the label of text {missing} is missing", expected="a label for each text", mend="leave it out")
    classes, numbers = np.unique(np.asarray(given), return_inverse=True)
    if len(classes) < 2:
        raise BadData(
            f"all {n_texts:,} labels are {given[0]!r}" if given else "there are no texts",
            expected="texts of at least two classes",
            mend="give texts of the other class too",
        )
    return classes, numbers.astype(np.int64)
