"""Where tables start."""

import numpy as np
import pytest

import rowwise as rw
from rowwise.errors import BadOption
from rowwise.models.initializers import initializer


def drawn(init, shape=(2000, 50)):
    return initializer(init)(np.random.default_rng(0), shape)


def test_normal_numbers_have_the_scale_they_are_given():
    assert drawn("normal").std() == pytest.approx(0.1, rel=0.01)
    assert drawn(0.5).std() == pytest.approx(0.5, rel=0.01)
    assert drawn(0.5).dtype == np.float32


def test_uniform_numbers_fill_their_range_and_no_more():
    numbers = drawn("uniform")
    assert numbers.min() == pytest.approx(-0.05, rel=0.01)
    assert numbers.max() == pytest.approx(0.05, rel=0.01)


def test_glorot_narrows_as_the_layer_widens():
    assert abs(drawn("glorot", (70, 100))).max() == pytest.approx((6 / 170) ** 0.5, rel=0.01)
    assert abs(drawn("glorot", (5, 32, 64))).max() == pytest.approx((6 / 5 / 96) ** 0.5, rel=0.01)


def test_zeros_and_ones_are_what_they_say():
    assert not drawn("zeros").any()
    assert (drawn("ones") == 1).all()


def test_a_function_is_its_own_initializer():
    assert initializer(np.zeros) is np.zeros


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(BadOption, match=r"(?s)init='xavier' is no initializer.*normal, uniform, zeros, ones, glorot"):
        initializer("xavier")


def test_rows_start_as_normal_numbers_and_biases_at_zero():
    @rw.model(target="rating", loss=rw.squared_error)
    def score(user=rw.Row("userId", 4), bias=rw.Row("userId"), layer=rw.Weight((3, 4)), shift=rw.Weight()):
        return (layer @ user).sum() + bias + shift

    assert score.tables["user"].init == initializer("normal")
    assert score.tables["bias"].init == initializer("zeros")
    assert score.dense["layer"].init == initializer("glorot")
    assert score.dense["shift"].init == initializer("zeros")


def test_a_shared_table_starts_where_one_of_its_readers_says():
    @rw.model(target="rating", loss=rw.squared_error)
    def score(user=rw.Row("userId", 4, table="all"), other=rw.Row("otherId", 4, table="all", init="ones")):
        return user @ other

    assert score.tables["all"].init == initializer("ones")
