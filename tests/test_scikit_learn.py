"""scikit-learn's own tools and its own checks, with both estimators, on frames and on arrays."""

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted

import rowwise as rw
from camps import two_camps
from rowwise.errors import BadData, NotFitted

ORDER = "ids have no order and no distances: the checks ask for R² above 0.5 on numbers that do"
UNLIKE = {
    "check_regressors_train": ORDER,
    "check_regressor_data_not_an_array": ORDER,
    "check_supervised_y_2d": "(n, 1) is one column, and nothing to warn of",
    "check_fit2d_1sample": "one rating is refused as a target that is the same everywhere, in our words",
    "check_estimators_nan_inf": "NaN is refused as an id, in our words",
    "check_array_api_input": "ids are looked up by Polars, on the processor",
}


with warnings.catch_warnings():  # that they inherit from nothing of scikit-learn's, and that texts have one axis
    warnings.simplefilter("ignore")
    CHECKS = parametrize_with_checks(
        [rw.Recommender(factors=2, epochs=2), rw.TextClassifier(epochs=1)],
        expected_failed_checks=lambda estimator: UNLIKE if isinstance(estimator, rw.Recommender) else {},
        xfail_strict=False,
    )


@pytest.mark.filterwarnings("ignore")
@CHECKS
def test_an_estimator_keeps_to_the_rules_of_scikit_learn(estimator, check):
    check(estimator)


FRAME = two_camps(12).sample(fraction=1.0, shuffle=True, seed=0)
X, Y = FRAME.select("user", "film"), FRAME["stars"]
FORMS = {
    "polars": (X, Y),
    "pandas": (X.to_pandas(), Y.to_pandas()),
    "arrays": (X.to_numpy(), Y.to_numpy()),
    "text ids": (X.select(pl.format("u{}", "user").alias("user"), pl.format("f{}", "film").alias("film")), Y),
    "array of text": (np.array([(f"u{u}", f"f{f}") for u, f in X.rows()], dtype=object), Y.to_list()),
    "a column of ratings": (X.to_numpy(), Y.to_numpy()[:, None]),
    "lists": (X.rows(), Y.to_list()),
}
TEXTS = ["a good film", "good fun and a good cast", "what a bad film", "bad acting, bad plot"] * 6
LABELS = ["yes", "yes", "no", "no"] * 6
TEXT_FORMS = {
    "lists": (TEXTS, LABELS),
    "polars": (pl.Series("text", TEXTS), pl.Series(LABELS)),
    "pandas": (pd.Series(TEXTS), pd.Series(LABELS)),
    "frame": (pd.DataFrame({"text": TEXTS}), pd.DataFrame({"label": LABELS})),
    "arrays": (np.array(TEXTS), np.array(LABELS)),
    "columns": (np.array(TEXTS, dtype=object)[:, None], np.array(LABELS)[:, None]),
}


def recommender(**options):
    return rw.Recommender(**{"factors": 4, "epochs": 150, **options})


@pytest.mark.parametrize("form", FORMS)
def test_ratings_are_the_same_in_every_form(form):
    """A user's own film is loved, the next hated, whatever the ids are called and however they come."""
    pairs, stars = FORMS[form]
    fitted = recommender().fit(pairs, stars)
    assert fitted.n_features_in_ == 2
    assert fitted.score(pairs, stars) > -0.05
    assert np.abs(fitted.predict(pairs) - Y.to_numpy()).max() < 1


def test_a_frame_keeps_its_names_and_types_and_an_array_gets_ours():
    fitted = recommender(epochs=1).fit(*FORMS["text ids"])
    assert list(fitted.feature_names_in_) == ["user", "film"]
    assert (fitted.user_, fitted.item_, fitted.target_) == ("user", "film", "stars")
    assert fitted.recommend("u3", 1).schema == {"user": pl.String, "film": pl.String, "prediction": pl.Float32}
    array = recommender(epochs=1).fit(*FORMS["arrays"])
    assert (array.user_, array.item_, array.target_) == ("user", "item", "rating")
    assert not hasattr(array, "feature_names_in_")


def test_mixed_ids_of_an_array_keep_their_kinds():
    pairs = np.array([(7, "a"), (8, "b"), (7, "b")], dtype=object)
    fitted = recommender(epochs=1).fit(pairs, [1.0, 2.0, 3.0])
    assert fitted.recommend(8, 1, seen="keep").schema == {"user": pl.Int64, "item": pl.String, "prediction": pl.Float32}


@pytest.mark.parametrize("form", ["polars", "pandas", "arrays", "lists"])
@pytest.mark.parametrize("n", [0, 1, 131, 200])
def test_lengths_that_differ_are_refused(form, n):
    pairs, stars = FORMS[form]
    other = ([*Y.to_list()] * 2)[:n]
    for ask in (recommender().fit, recommender(epochs=1).fit(pairs, stars).score):
        with pytest.raises(BadData, match=r"(?s)X has 120 rows and y .*a target for each row"):
            ask(pairs, other)
    with pytest.raises(BadData, match="X has 24 rows and y"):
        rw.TextClassifier().fit(TEXTS, LABELS[:-1])


@pytest.mark.parametrize("form", ["pandas", "arrays", "text ids"])
def test_cross_validation_and_searches_work(form):
    pairs, stars = FORMS[form]
    folds = KFold(3, shuffle=True, random_state=0)
    assert cross_val_score(recommender(epochs=3), pairs, stars, cv=folds, error_score="raise").shape == (3,)
    assert cross_val_predict(recommender(epochs=3), pairs, stars, cv=folds).shape == (120,)
    search = GridSearchCV(recommender(epochs=2), {"factors": [2, 3]}, cv=folds, error_score="raise").fit(pairs, stars)
    assert search.best_params_["factors"] in (2, 3)
    assert search.predict(pairs).shape == (120,)
    errors = cross_validate(
        recommender(epochs=2), pairs, stars, cv=folds, scoring="neg_mean_absolute_error", error_score="raise"
    )
    assert (errors["test_score"] < 0).all()


def test_a_pipeline_hands_ratings_through():
    pipeline = make_pipeline(FunctionTransformer(), recommender(epochs=2))
    assert pipeline.fit(*FORMS["pandas"]).predict(FORMS["pandas"][0]).shape == (120,)
    assert get_tags(pipeline).estimator_type == get_tags(recommender()).estimator_type == "regressor"
    pipeline.set_params(recommender__factors=3)
    assert pipeline[-1].factors == 3


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_texts_and_labels_come_in_every_form(form):
    texts, labels = TEXT_FORMS[form]
    classifier = rw.TextClassifier().fit(texts, labels)
    assert classifier.classes_.tolist() == ["no", "yes"]
    assert classifier.score(texts, labels) == 1
    assert classifier.predict(texts).tolist() == LABELS


@pytest.mark.parametrize("form", ["lists", "pandas", "arrays"])
def test_texts_are_cross_validated_and_searched(form):
    texts, labels = TEXT_FORMS[form]
    classifier = rw.TextClassifier(epochs=1)
    assert cross_val_score(classifier, texts, labels, cv=3, error_score="raise").mean() == 1
    assert cross_val_predict(classifier, texts, labels, cv=3, method="predict_proba").shape == (24, 2)
    search = GridSearchCV(classifier, {"epochs": [1, 2]}, cv=2, scoring="roc_auc", error_score="raise")
    assert search.fit(texts, labels).best_score_ == 1
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    assert Pipeline([("lower", lower), ("model", classifier)]).fit(texts, labels).score(texts, labels) == 1
    assert get_tags(classifier).estimator_type == "classifier"


@pytest.mark.parametrize("estimator", [rw.Recommender(epochs=2, factors=2), rw.TextClassifier(epochs=1)], ids=repr)
def test_what_is_fitted_is_known_and_what_is_cloned_is_not(estimator):
    data = FORMS["polars"] if isinstance(estimator, rw.Recommender) else TEXT_FORMS["lists"]
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)
    with pytest.raises(NotFittedError, match="not fitted") as refused:
        estimator.predict(data[0])
    assert isinstance(refused.value, NotFitted)
    fitted = clone(estimator).fit(*data)
    check_is_fitted(fitted)
    with pytest.raises(NotFittedError):
        check_is_fitted(clone(fitted))


def test_rowwise_does_not_import_scikit_learn():
    code = "import sys, rowwise as rw; rw.Recommender; rw.TextClassifier; print('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
