"""Names are for people: whatever they are, the same kernel is compiled and the same tables come out."""

import json
import re
from dataclasses import replace
from functools import lru_cache

import jax.numpy as jnp
import llvmlite.binding as llvm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rowwise as rw
from mends import mends
from reference import random_examples, random_parameters
from rowwise.backends.llvm import kernel
from rowwise.backends.llvm.runtime.kernels import batch_text, online_text, predict_text
from rowwise.backends.xla import batch
from rowwise.data.examples import Examples
from rowwise.data.ragged import Ragged
from rowwise.errors import BadModel
from rowwise.program.inputs import Statistic
from rowwise.program.parameters import Parameters
from rowwise.program.passes.anonymous import anonymous
from rowwise.program.program import Program
from trainable import MODELS


@rw.model(target="rating", loss=rw.squared_error)
def four_at_once(user=rw.Row("userId", 3), item=rw.Row("itemId", 3), layer=rw.Weight((12, 3)), out=rw.Weight(12)):
    return jnp.tanh(layer @ (user * item)) @ out


MODELS = {**MODELS, "four_at_once": four_at_once}
EVIL = [
    'a\rdefine void @"evil"() { ret void }', "b\n", "c\0", "d\u2028", "e\u2029", "f\x85", '"', "'", "\\", "\ud800", "%",
    "%1", "%2", "v0", "v1", "t0", "c0", "ids v0", "ids userId", "the rate", "the target", "share", "target", "name/1",
    "user/1", "table/user", "state 1/user", "values c0", "", " ", "; ", "!0", "]]>", "ü", "constant1", "v0 turned",
]  # fmt: skip
texts = st.one_of(st.sampled_from(EVIL), st.text(st.characters(), max_size=9))
KINDS = ("value", "table", "column")


class Names:
    """Other names for all that a program is called: the n-th name of a kind is the n-th of a list drawn for that kind.

    The lists may hold the same names, as one argument may be called like the column or the table of another.
    """

    def __init__(self, drawn):
        self.drawn = drawn
        self.given = {kind: {} for kind in KINDS}
        self.weights = set()

    def of(self, kind, name):
        if name is None:
            return None
        given = self.given[kind]
        if name not in given:
            taken = set(given.values()) | (self.weights if kind == "table" else set())
            fresh = [text for text in self.drawn[kind] if text not in taken]
            given[name] = fresh[0] if fresh else f"{kind} {name}"
        return given[name]

    def moved(self, name):
        """Of a table, or of a dense weight, which is called as its value is."""
        value = self.given["value"].get(name)
        return value if value in self.weights else self.of("table", name)

    def program(self, program):
        """The same program in other words, by way of its JSON."""
        data = json.loads(program.to_json())
        for i in data["inputs"]:
            self.of("value", i["value"]["name"])
            if i["kind"] == "weight":
                self.weights.add(self.of("value", i["value"]["name"]))
        self._values(data)
        for i in data["inputs"]:
            named = {"column": "column", "mask_of": "column", "weights": "column", "table": "table"}
            i.update({field: self.of(kind, i[field]) for field, kind in named.items() if field in i})
        data["gradients"] = {self.of("value", name): each for name, each in data["gradients"].items()}
        data["updates"] = {self.moved(name): {**u, "table": self.moved(name)} for name, u in data["updates"].items()}
        data["name"] = data["optimizer"] = self.drawn["value"][0] if self.drawn["value"] else "evil"
        return Program.from_json(json.dumps(data))

    def _values(self, data):
        if isinstance(data, list):
            for each in data:
                self._values(each)
        elif isinstance(data, dict):
            if set(data) == {"name", "shape", "dtype"}:
                data["name"] = self.of("value", data["name"])
            if "place" in data:
                evil = self.drawn["column"][0] if self.drawn["column"] else "\r"
                data["place"] = {"file": evil, "line": 1, "column": 2, "function": evil, "text": evil}
            for each in data.values():
                self._values(each)

    def examples(self, examples):
        def named(columns):
            return {self.of("column", name): each for name, each in columns.items()}

        rows = {
            name: replace(each, weights=named(each.weights)) if isinstance(each, Ragged) else each
            for name, each in named(examples.rows).items()
        }
        return Examples(examples.n, rows, named(examples.values), examples.target)

    def parameters(self, parameters):
        tables, states = (
            {self.moved(name): each for name, each in arrays.items()}
            for arrays in (parameters.copy().tables, parameters.copy().states)
        )
        return Parameters(tables, states)


def drawn_names(draw_from):
    return st.fixed_dictionaries({kind: st.lists(draw_from, unique=True, max_size=12) for kind in KINDS}).map(Names)


@lru_cache
def program_of(name):
    return MODELS[name].program(optimizer="adam")


def compiled(program, batch_size):
    """Every text that a compiler is given for a program."""
    ours = anonymous(program).program
    text = online_text if kernel.is_online(program, batch_size) else batch_text
    return text(ours), *([predict_text(ours)] if program.prediction is not None else [])


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("name", ["biased", "weighted", "numbers", "sequence", "bayesian_personalized_ranking",
                                  "four_at_once"])  # fmt: skip
@settings(max_examples=25)
@given(names=drawn_names(texts))
def test_whatever_the_names_are_the_same_text_is_compiled(name, batch_size, names):
    program = program_of(name)
    plain, evil = compiled(program, batch_size), compiled(names.program(program), batch_size)
    assert evil == plain
    assert all(line.isprintable() for text in evil for line in text.split("\n"))
    assert not any(line.lstrip().startswith(";") for text in evil for line in text.split("\n")[1:])


def instructions(text):
    """The operations of a module, in their order, where LLVM takes its text."""
    llvm.parse_assembly(text).close()
    return re.findall(r"^  (?:%.* = )?(\w+)", text, re.MULTILINE)


@settings(max_examples=10)
@given(names=drawn_names(texts), name=st.sampled_from(["biased", "weighted", "four_at_once"]))
def test_the_text_for_people_is_the_kernel_with_comments_that_nothing_ends(names, name):
    program = program_of(name)
    shown = kernel.ir(names.program(program), batch_size=4)
    assert instructions(shown) == instructions(batch_text(anonymous(program).program))
    assert shown.count("\n") == kernel.ir(program, batch_size=4).count("\n")


ENGINES = {
    "llvm": lambda *given, **options: kernel.LlvmKernel(*given, threads=1, **options),
    "xla": batch.XlaBatch,
}
WORST = [  # names of ours, of each other, and of nothing that can be printed
    {"value": EVIL, "table": EVIL, "column": EVIL},
    {"value": EVIL[::-1], "table": EVIL[12:], "column": EVIL[20:]},
]


@pytest.mark.parametrize(
    ("engine", "batch_size", "name"),
    [
        *(("llvm", size, name) for size in (1, 4) for name in ("biased", "weighted", "numbers", "four_at_once")),
        ("xla", 4, "weighted"),
        ("xla", 4, "numbers"),
    ],
)
def test_whatever_the_names_are_the_same_tables_are_trained(name, batch_size, engine):
    model = MODELS[name]
    program = model.program(optimizer="adam")
    means = {i.value.name: 0.25 for i in program.inputs if isinstance(i, Statistic)}

    def trained(program, examples, parameters, means):
        options = {"means": means, "batch_size": batch_size, "seed": 1}
        loss = ENGINES[engine](program, examples, parameters, **options).epoch(0, 0.05)
        target = kernel if engine == "llvm" else batch
        said = target.predict(program, parameters.tables, examples, means=means)
        return loss, said, list(parameters.tables.values()), list(parameters.states.values())

    start = random_parameters(model, program)
    plain = trained(program, random_examples(program, 9), start.copy(), means)
    for drawn in WORST:
        names = Names(drawn)
        evil = names.program(program)
        called = {names.of("value", name): mean for name, mean in means.items()}
        found = trained(evil, names.examples(random_examples(program, 9)), names.parameters(start), called)
        assert found[0] == plain[0]
        for one, other in zip(found[1:], plain[1:], strict=True):
            np.testing.assert_equal(one, other)


def test_programs_that_differ_in_names_alone_are_one_kernel():
    program = MODELS["biased"].program(optimizer="sgd")
    evil = Names(WORST[0]).program(program)
    assert evil.digest != program.digest
    assert anonymous(evil).program.digest == anonymous(program).program.digest


@mends("of the program has the name of a dense weight")
def test_a_table_that_is_called_as_a_dense_weight_is_refused_before_anything_is_compiled():
    data = json.loads(MODELS["numbers"].program(optimizer="sgd").to_json())
    data["inputs"][0]["table"] = "layer"
    with pytest.raises(BadModel, match="'layer' of the program has the name of a dense weight"):
        kernel.support(Program.from_json(json.dumps(data)), batch_size=1)
    assert kernel.support(MODELS["numbers"].program(optimizer="sgd"), batch_size=1) is None  # a name for each


def test_every_array_of_a_file_has_a_name_of_its_own():
    numbers = np.zeros(2, np.float32)
    called = ["user", "user/1", "table/user", "state 1/user", "best/user"]
    parameters = Parameters(dict.fromkeys(called, numbers), dict.fromkeys(called, (numbers, numbers)))
    names = parameters.arrays().keys()
    assert len(names) == 3 * len(called)


def pairs(user, item):
    random = np.random.default_rng(0)
    return {user: random.integers(0, 6, 40).tolist(), item: random.integers(0, 5, 40).tolist(),
            "rating": random.integers(1, 6, 40).astype(float).tolist()}  # fmt: skip


def two_keys(user, item, tables):
    def dot(one=rw.Row(user, 3, table=tables[0], init="ones"), other=rw.Row(item, 3, table=tables[1], init="ones"),
            bias=rw.Row(item, table=tables[2], init="ones")):  # fmt: skip
        return one @ other + bias

    dot.__name__ = tables[0]
    return rw.model(target="rating", loss=rw.squared_error)(dot)


@pytest.mark.parametrize("engine", ["llvm", "xla"])
@pytest.mark.parametrize(
    "names",
    [
        ("i", "u", ["ids i", "the target", "the rate"]),
        ("one", "target", ["a", "a/1", "a/2"]),
        ("ids userId", "rating values", ["\r", "\0", "\u2028"]),
    ],
    ids=["as ours", "as states", "unprintable"],
)
def test_a_model_of_any_names_is_fitted_saved_and_loaded_as_one_of_plain_names(names, engine, tmp_path):
    user, item, tables = names
    options = {"epochs": 2, "optimizer": "adagrad", "engine": engine, "progress": False, "seed": 0, "batch_size": 4}
    plain = two_keys("user", "item", ["a", "b", "c"]).fit(pairs("user", "item"), **options)
    evil = two_keys(user, item, tables).fit(pairs(user, item), checkpoint=tmp_path / "state", **options)
    loaded = rw.load(evil.save(tmp_path / "model"))
    for fitted in (evil, loaded):
        for name, wanted in zip(tables, "abc", strict=True):
            np.testing.assert_array_equal(fitted.parameters.tables[name], plain.parameters.tables[wanted])
            np.testing.assert_array_equal(fitted.parameters.states[name], plain.parameters.states[wanted])
        np.testing.assert_array_equal(fitted.predict(pairs(user, item)), plain.predict(pairs("user", "item")))
