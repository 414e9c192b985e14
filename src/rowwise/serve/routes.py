"""The routes, a row each: where it is asked, what is asked, and what answers. The OpenAPI document is made of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from rowwise.api.fitted import Fitted
from rowwise.data.titles import Titles
from rowwise.serve import questions as ask
from rowwise.serve.questions import Answer, Question
from rowwise.trained.asked import asked_ids
from rowwise.trained.predict import predictions
from rowwise.trained.recommend import free_name, recommended


@dataclass(frozen=True, slots=True)
class Serving:
    """A model, and what people call its items."""

    fitted: Fitted
    titles: Titles | None = None

    def lines(self, found: pl.DataFrame, column: str) -> list[dict[str, Any]]:
        """An answer line by line, with the title of each id where there is one."""
        if self.titles is not None and column in found.columns:
            found = found.with_columns(self.titles.of(found[column]).alias(free_name("title", found.columns)))
        return found.to_dicts()


@dataclass(frozen=True, slots=True)
class Route:
    """One question: `answer(serving, asked)` is what comes back, beside how many ids were unknown, by column."""

    path: str
    asks: type[Question]
    answer: Callable[[Serving, Any], tuple[Answer, dict[str, int]]]
    example: Callable[[Fitted], Answer]  # what a request to this model may look like
    is_long: bool = False  # it computes for more than a few milliseconds


def predict(serving: Serving, asked: ask.Predict) -> tuple[Answer, dict[str, int]]:
    """In the order of the examples; of several classes a list of probabilities each, in the order of `classes`."""
    trained = serving.fitted.trained
    examples, report = trained.reader.transform(asked.examples)
    found = {"predictions": predictions(trained, examples).tolist()}
    if trained.classes:
        found["classes"] = list(trained.classes)
    return found, {column: n for column, n in report.unknown.items() if n}


def recommend(serving: Serving, asked: ask.Recommend) -> tuple[Answer, dict[str, int]]:
    fitted = serving.fitted
    user, item = fitted.two_keys
    found, _ = recommended(fitted.trained, asked.users, asked.n, seen=asked.seen, values=asked.values)
    unknown = _unknown(fitted, user, asked.users)
    return {"recommendations": serving.lines(found, item)}, {user: unknown} if unknown else {}


def similar(serving: Serving, asked: ask.Similar) -> tuple[Answer, dict[str, int]]:
    found = serving.fitted.similar(asked.id, asked.n, column=asked.column, table=asked.table)
    return {"similar": serving.lines(found, found.columns[0])}, {}


def encode(serving: Serving, asked: ask.Encode) -> tuple[Answer, dict[str, int]]:
    found = serving.fitted.encode(asked.text, column=asked.column)
    return {"words": found.tokens, "rows": found.read.tolist(), "rare": found.rare}, {}


def steps(serving: Serving, asked: ask.Steps) -> tuple[Answer, dict[str, int]]:
    return serving.fitted.steps(asked.example).to_dict(), {}


def fold_in(serving: Serving, asked: ask.FoldIn) -> tuple[Answer, dict[str, int]]:
    """The users of the request that training never saw are folded in; all of them get their lists."""
    user, item = serving.fitted.two_keys
    folded = serving.fitted.fold_in(asked.examples)
    users = list(dict.fromkeys(str(example.get(user)) for example in asked.examples))
    ids = folded.vocabularies[folded.column_vocabulary[user]].cast(users).drop_nulls()
    found, _ = recommended(folded.trained, ids, asked.n, seen="drop", values={})
    return {"recommendations": serving.lines(found, item)}, {}


def _unknown(fitted: Fitted, column: str, ids: Sequence[object]) -> int:
    vocabulary = fitted.vocabularies[fitted.column_vocabulary[column]]
    return vocabulary.n_unknown(vocabulary.rows(asked_ids(ids, column, vocabulary)))


def example_of(fitted: Fitted, *, learnt: bool = False) -> dict[str, Any]:
    """A value for each column that a model reads; as it is `learnt` from, with the target."""
    found: dict[str, Any] = {name: 1.0 if size is None else [1.0] * size for name, size in fitted.layout.values.items()}
    for name, column in fitted.layout.ids.items():
        vocabulary = fitted.vocabularies[column.vocabulary]
        known = vocabulary.ids[vocabulary.first] if len(vocabulary) > vocabulary.first else "an id"
        found |= {weights: [1.0] for weights in column.weights}
        found[name] = "a quiet and moving film" if column.text else [known] if column.is_list else known
    target = fitted.layout.target
    return found | ({target: fitted.classes[0] if fitted.classes else 1} if learnt and target else {})


def _id_of(fitted: Fitted, place: int) -> Any:
    """A known id of who (0) or of what (-1)."""
    return example_of(fitted)[fitted.keys[place]] if fitted.keys else 1


ROUTES = (
    Route("/predict", ask.Predict, predict, lambda of: {"examples": [example_of(of)]}),
    Route("/recommend", ask.Recommend, recommend, lambda of: {"users": [_id_of(of, 0)], "n": 10}),
    Route("/similar", ask.Similar, similar, lambda of: {"id": _id_of(of, -1), "n": 10}),
    Route("/encode", ask.Encode, encode, lambda of: {"text": "a quiet and moving film"}),
    Route("/steps", ask.Steps, steps, lambda of: {"example": example_of(of, learnt=True)}, is_long=True),
    Route("/fold_in", ask.FoldIn, fold_in, lambda of: {"examples": [example_of(of, learnt=True)]}, is_long=True),
)
