"""Every option of a wrong type or outside its range is refused in three lines, wherever it is given."""

import inspect
import subprocess
import sys
from dataclasses import fields

import numpy as np
import optax
import pytest

import rowwise as rw
from camps import two_camps
from rowwise.capture.optimizers import optimizer_of
from rowwise.errors import BadModel, BadOption, RowwiseError
from rowwise.train.options import FitOptions, FurtherOptions

NONSENSE = [
    True, "seven", "", b"7", 2.5, -1, float("nan"), float("inf"), 10**30, [1], {"user": 0.1}, np.float32("nan"),
    np.bool_(True), 1j, ...,
]  # fmt: skip
WHOLE = [value for value in NONSENSE if not isinstance(value, dict | list)] + [[1], {"user": 0.1}, 2.0]

FIT = {
    "epochs": WHOLE, "batch_size": WHOLE, "threads": WHOLE, "patience": WHOLE, "min_count": WHOLE, "chunk_rows": WHOLE,
    "seed": [*WHOLE, None], "learning_rate": [True, "0.1", -0.1, float("nan"), float("inf"), {"user": 0.1}, [0.1], 1j],
    "engine": [True, 1, None, "fast", ["llvm"]], "update": [True, None, "lazy"], "parallel": [True, 1, "yes"],
    "remember_seen": [1, "no", None], "progress": [1, "no"], "checkpoint": [1, True, ["a"]], "watch": [1, "user", [1]],
    "validation": [True, 1, 20, 0.0, 1.0, -0.1, float("nan"), np.float64(2), np.bool_(True)],
    "class_weight": [1, "even", {0: "a"}, {0: -1.0}, {0: float("nan")}, True],
}  # fmt: skip
CASES = [(name, value) for name, values in FIT.items() for value in values]


def is_in_three_lines(error: RowwiseError) -> bool:
    return bool(error.given and error.expected and error.mend) and len(str(error).splitlines()) == 3


@pytest.mark.parametrize(("name", "value"), CASES, ids=repr)
def test_an_option_of_fit_of_the_wrong_kind_is_refused(name, value):
    with pytest.raises(BadOption, match=name) as refused:
        FitOptions.of({name: value})
    assert is_in_three_lines(refused.value)


def test_every_option_of_fit_is_held_to_something():
    free = {"sample_weight", "optimizer"}  # data, and what Optax makes
    assert {field.name for field in fields(FitOptions)} - free == set(FIT)
    assert {field.name for field in fields(FurtherOptions)} - {field.name for field in fields(FitOptions)} == {
        "trainable"
    }


@pytest.mark.parametrize("given", [{"user": 1}, {"user": "no"}, "user", ["user"], {1: True}], ids=repr)
def test_what_is_trainable_is_said_by_name_with_true_or_false(given):
    with pytest.raises(BadOption, match="trainable") as refused:
        FurtherOptions.of({"trainable": given})
    assert is_in_three_lines(refused.value)


def test_numbers_of_numpy_are_numbers():
    options = FitOptions.of({"epochs": np.int64(3), "learning_rate": np.float32(0.5), "validation": np.float32(0.25)})
    assert (options.epochs, options.learning_rate, options.validation) == (3, 0.5, 0.25)
    assert type(options.epochs) is int


def test_an_option_that_there_is_not_is_refused_with_the_one_that_was_meant():
    with pytest.raises(BadOption, match=r"(?s)'epoch' is no option of fit.*did you mean 'epochs'"):
        rw.Recommender().fit(two_camps(), epoch=3)


SETTINGS = {
    rw.Recommender: {
        "user": [1, True, ["a"]], "item": [1, b"x"], "target": [1], "task": [1, None, "rank"],
        "likes": ["many", True, float("nan")], "model": [1, "forest", ["a"]],
        "factors": [*WHOLE, 0], "epochs": [*WHOLE, None, 0], "learning_rate": ["1", -1, float("nan"), True, {"u": 1.0}],
        "reg": ["1", -1, float("inf"), True, {"user": 1.0}], "seed": [*WHOLE, None],
    },
    rw.TextClassifier: {
        "model": [1, None, "forest"], "text": [1, "text", {"size": 3}], "dim": [*WHOLE, 0], "epochs": [*WHOLE, 0],
        "learning_rate": ["1", -1, float("nan"), True], "class_weight": [1, "even"], "seed": [*WHOLE, None],
        "column": [1, None, "label"], "target": [1, None],
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", SETTINGS)
def test_every_setting_of_an_estimator_of_the_wrong_kind_is_refused(kind):
    assert list(SETTINGS[kind]) == list(inspect.signature(kind).parameters)
    data = (two_camps(4),) if kind is rw.Recommender else (["a b", "c d"], ["x", "y"])
    for name, values in SETTINGS[kind].items():
        for value in values:
            with pytest.raises(BadOption, match=name) as refused:
                kind(**{name: value}).fit(*data)
            assert is_in_three_lines(refused.value), (name, value)


WORDS = [
    lambda bad: rw.Row("a", bad), lambda bad: rw.Bag("a", bad), lambda bad: rw.Rows("a", 2, length=bad),
    lambda bad: rw.Sampled("a", bad), lambda bad: rw.Value("a", bad), lambda bad: rw.Weight((bad, 2)),
    lambda bad: rw.Dropout(bad), lambda bad: rw.Dropout((2, bad)),
]  # fmt: skip
NUMBERS = [
    lambda bad: rw.Row("a", 2, l2=bad), lambda bad: rw.Weight(2, l2=bad), lambda bad: rw.Head(len, l2=bad),
    lambda bad: rw.Dropout(2, bad),
]  # fmt: skip
OTHERS = [
    lambda: rw.Row("a", trainable="no"), lambda: rw.Row("a", table=3), lambda: rw.Row(3),
    lambda: rw.Bag("a", combine=3),
    lambda: rw.Bag("a", text="words"), lambda: rw.Bag("a", weights=3), lambda: rw.Weight(2, trainable=1),
    lambda: rw.Mean(3), lambda: rw.Value(3), lambda: rw.Mask(3), lambda: rw.Head(3),
]  # fmt: skip


@pytest.mark.parametrize("bad", [bad for bad in WHOLE if bad != [1]], ids=repr)
def test_a_size_in_a_word_is_a_whole_number(bad):
    for word in WORDS:
        with pytest.raises(BadOption) as refused:
            word(bad)
        assert is_in_three_lines(refused.value)


@pytest.mark.parametrize("bad", ["1", True, -1, float("nan"), float("inf"), [1], {"a": 1}, 1j, None], ids=repr)
def test_a_number_in_a_word_is_a_number(bad):
    for word in NUMBERS:
        with pytest.raises(BadOption) as refused:
            word(bad)
        assert is_in_three_lines(refused.value)


@pytest.mark.parametrize("word", OTHERS, ids=range(len(OTHERS)))
def test_what_else_a_word_takes_is_of_its_kind(word):
    with pytest.raises(BadOption) as refused:
        word()
    assert is_in_three_lines(refused.value)


TEXT = {
    **dict.fromkeys(["size", "buckets", "ngrams", "min_count", "min_texts"], "WHOLE"),
    "max_share": "['1', True, -1, 0, 1.5, float('nan'), [1], None]",
    "pattern": "[1, True]", "tokenizer": "['split', 1]",
    **dict.fromkeys(["lower", "distinct", "punctuation", "markup", "characters"], "['yes', 1, None]"),
    **dict.fromkeys(["pad", "cut"], "['left', 1, None]"),
}  # fmt: skip


def test_what_a_text_takes_is_of_its_kind():
    """In a process without the checker of shapes, which is stricter than users have it."""
    code = "import rowwise as rw\nfrom rowwise.errors import BadOption\n"
    code += "WHOLE = [True, 'seven', b'7', 2.5, 2.0, -1, 0, float('nan'), 10**30, [1], {'a': 1}, 1j]\n"
    code += f"for name, values in {TEXT!r}.items():\n    for value in eval(values):\n"
    code += "        try:\n            rw.Text(**{name: value})\n            print('taken:', name, value)\n"
    code += "        except BadOption as e:\n            assert e.given and e.expected and e.mend, name\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@rw.model(target="stars", loss=rw.squared_error)
def taste(user=rw.Row("user", 2), film=rw.Row("film", 2)):
    return user @ film


SCHEDULE = optax.cosine_decay_schedule(0.1, 100)
STRANGE = {
    "a global norm": optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1)),
    "a schedule inside": optax.adam(SCHEDULE),
    "a schedule of a chain": optax.chain(optax.scale_by_adam(), optax.scale_by_schedule(SCHEDULE)),
    "hyperparameters": optax.inject_hyperparams(optax.adam)(learning_rate=SCHEDULE),
    "several steps": optax.MultiSteps(optax.adam(0.1), 4),
    "schedule-free": optax.contrib.schedule_free_sgd(0.1),
    "a line search": "lbfgs",
    "the loss itself": "polyak_sgd",
    "noise": optax.chain(optax.add_noise(0.1, 0.5, 0), optax.sgd(0.1)),
    "a mask": optax.masked(optax.sgd(0.1), True),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", STRANGE)
def test_an_optimizer_that_means_another_thing_row_by_row_is_refused(what):
    with pytest.raises(BadOption, match=r"the optimizer '|makes no optimizer|is not in Optax") as refused:
        taste.fit(two_camps(4), optimizer=STRANGE[what], epochs=1)
    assert is_in_three_lines(refused.value)


def test_the_mends_for_optimizers_work():
    for optimizer in (optax.chain(optax.clip(1.0), optax.sgd(0.1)), optax.adam, "adagrad"):
        assert len(taste.fit(two_camps(4), optimizer=optimizer, epochs=2, learning_rate=SCHEDULE).history) == 2


@pytest.mark.parametrize(
    "optimizer", [1, None, True, "sgdd", [optax.sgd], {"user": "sgd"}, "Schedule"], ids=lambda o: type(o).__name__
)
def test_what_is_no_optimizer_is_refused(optimizer):
    with pytest.raises(BadOption) as refused:
        optimizer_of(optimizer)
    assert is_in_three_lines(refused.value)


@pytest.mark.parametrize("schedule", [lambda: 0.1, lambda epoch: "fast", lambda epoch: None, lambda epoch: [0.1, 0.2]])
def test_a_schedule_that_says_no_number_is_refused(schedule):
    with pytest.raises(BadOption, match="learning_rate") as refused:
        taste.fit(two_camps(4), learning_rate=schedule, epochs=1)
    assert is_in_three_lines(refused.value)


@pytest.mark.parametrize("word", [rw.Bag("film", 2), rw.Rows("film", 2, length=3)], ids=["Bag", "Rows"])
def test_single_ids_are_not_drawn_from_a_column_of_lists(word):
    with pytest.raises(BadModel, match=r"(?s)draws single ids from column 'film', which holds lists"):

        @rw.model()
        def ranking(user=rw.Row("user", 2), films=word, other=rw.Sampled("film", 2, table="films")):
            return (user @ other).sum() + films.sum()
