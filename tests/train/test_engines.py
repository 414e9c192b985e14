"""Engines: which one is chosen and why, and one of a reader's own: a class, and a line of the registry."""

import os
import sys

import pytest

import rowwise as rw
from mends import mends
from rowwise.backends import registry
from rowwise.backends.backend import Engine
from rowwise.backends.llvm.engine import cores
from rowwise.errors import BadOption, Diverged

DATA = {"film": ["a", "a", "b", "b"], "stars": [1.0, 3.0, 4.0, 6.0]}


@rw.model(target="stars", loss=rw.squared_error)
def averages(film=rw.Row("film")):
    return film


@rw.model(target="stars", loss=rw.squared_error)
def shifted(film=rw.Row("film"), shift=rw.Weight()):
    return film + shift


class Averages(Engine):
    """Each film is the average of its stars, at once: an engine without a learning rate, which only trains."""

    name = "averages"
    has_rate = False

    def lacks(self, program, batch_size):
        return None if len(program.inputs) == 2 else "there is more than one row to an example"

    def says(self, batch_size):
        return "the average of each"

    def trainer(self, program, examples, parameters, way):
        return Averaging(examples, parameters)


class Averaging:
    def __init__(self, examples, parameters):
        self.examples, self.table = examples, parameters.tables["film"]

    def epoch(self, epoch, rate):
        rows, stars = self.examples.rows["film"], self.examples.target
        if stars.max() > 1e6:
            raise Diverged("a film of a million stars", mend="count again")
        for row in set(rows.tolist()):
            self.table[row] = stars[rows == row].mean()
        return float(((self.table[rows] - stars) ** 2).mean())


ENGINE = Averages()


@pytest.fixture
def registered(monkeypatch):
    """One line more in the registry, which names this module."""
    monkeypatch.setitem(sys.modules, "engine_of_averages", sys.modules[__name__])
    monkeypatch.setitem(registry.ENGINES, "averages", "engine_of_averages")


def fitted(**options):
    return averages.fit(DATA, engine="averages", epochs=1, **options)


def test_an_engine_is_a_class_and_a_line(registered):
    assert fitted().predict({"film": ["b", "a"]}).tolist() == [5, 2]
    assert fitted().settings["engine"] == "averages: the average of each"
    assert "stars" in str(fitted().steps({"film": "a", "stars": 1.0}))


def test_an_engine_without_a_learning_rate_leaves_none_behind(registered, tmp_path):
    made = rw.load(fitted(validation=0.25).save(tmp_path / "m"))
    assert "learning_rate" not in made.settings
    assert made.history.columns[:3] == ["epoch", "loss", "seconds"]


@mends("learning_rate=… with engine=…")
def test_an_engine_without_a_learning_rate_takes_none(registered):
    with pytest.raises(BadOption, match=r"(?s)learning_rate=0.1 with engine='averages'.*leave it out"):
        fitted(learning_rate=0.1)
    fitted()


def test_an_engine_without_a_learning_rate_is_advised_no_lower_one(registered):
    with pytest.raises(Diverged) as raised:
        averages.fit({"film": ["a", "a"], "stars": [1.0, 1e7]}, engine="averages")
    assert "rate" not in raised.value.mend


@mends("choose: engine=… cannot run …: …")
def test_an_engine_that_cannot_names_one_that_can(registered):
    with pytest.raises(BadOption, match=r"(?s)cannot run shifted: there is more than.*use engine='llvm'"):
        shifted.fit(DATA, engine="averages")
    assert shifted.fit(DATA, engine="llvm", epochs=1).settings["engine"].startswith("llvm")


@mends("no learning_rate for engine=…, after an engine that has none")
def test_what_had_no_learning_rate_is_trained_further_at_one_that_is_given(registered):
    before = fitted()
    with pytest.raises(BadOption, match=r"(?s)after an engine that has none.*learning_rate=0.05"):
        before.fit(DATA)
    after = before.fit(DATA, learning_rate=0.05)
    assert after.history["learning_rate"].to_list() == [None, 0.05]


def test_an_engine_is_chosen_in_the_order_of_the_registry_and_says_what_those_before_it_lack(registered):
    said = averages.fit(DATA, epochs=1, update="dense").settings["engine"]
    assert said == "xla: XLA, batches of 64, because update='dense' moves every row of every table at each batch"
    assert registry.names() == ("auto", "llvm", "xla", "als", "averages")


@mends("leave it out: XLA uses all cores")
def test_an_engine_without_loose_threads_says_so():
    with pytest.raises(BadOption, match=r"(?s)parallel='hogwild' with XLA.*leave it out"):
        averages.fit(DATA, engine="xla", parallel="hogwild")
    averages.fit(DATA, engine="xla", epochs=1)


def test_every_engine_answers_to_its_name():
    assert {name: engine.name for name, engine in zip(registry.ENGINES, registry.engines(), strict=True)} == {
        "llvm": "llvm",
        "xla": "xla",
        "als": "als",
    }


def test_cores_are_counted_where_the_system_does_not_say_which_may_be_used(monkeypatch):
    assert cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
