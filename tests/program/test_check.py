"""A broken program is refused with what is wrong; machine code never sees one."""

from dataclasses import replace

import pytest

import rowwise as rw
from rowwise.errors import BadModel, UnsupportedPrimitive
from rowwise.program.check import check
from rowwise.program.program import Literal, Step, Value


@rw.model(target="rating", loss=rw.squared_error)
def score(user=rw.Row("userId", 4), movie=rw.Row("movieId", 4)):
    return user[1:] @ movie[:-1] + user[0]


PROGRAM = score.program(optimizer="sgd")
ROW = Value("user", (4,), "float32")


def with_steps(*steps):
    """The program with further steps at its end."""
    return replace(PROGRAM, steps=(*PROGRAM.steps, *steps))


def step(primitive="neg", inputs=(ROW,), shape=(4,), dtype="float32", name="%99", phase="forward", **params):
    return Step(primitive, inputs, Value(name, shape, dtype), params, phase, PROGRAM.steps[0].place)


def test_a_whole_program_passes_as_it_is():
    assert check(PROGRAM) is PROGRAM
    assert check(with_steps(step())).steps[-1] == step()


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        (step(inputs=(Value("%98", (4,), "float32"),)), r"reads %98 \(4,\), which nothing before it assigns"),
        (step(inputs=(Value("user", (5,), "float32"),)), r"reads user \(5,\), which nothing before it assigns"),
        (step(name="%1"), "%1 is assigned twice, again by step %1 = neg user"),
        (step(name="user"), "user is assigned twice"),
        (step(shape=(3,)), r"says float32 \(3,\), but neg gives float32 \(4,\)"),
        (step(dtype="int32"), r"says int32 \(4,\), but neg gives float32 \(4,\)"),
        (step(dtype="float64"), r"is float64 of shape \(4,\)"),
        (step(shape=(1 << 20, 1 << 20)), r"%99, of step .*, is float32 of shape \(1048576, 1048576\)"),
        (step(inputs=(Literal(1.0, "float32", (1 << 30,)),)), r"reads 1, float32 of shape \(1073741824,\)"),
        (step(shape=(-4,)), r"is float32 of shape \(-4,\)"),
        (step(phase="backward"), "is of phase 'backward'"),
    ],
)
def test_a_broken_step_is_refused_with_what_is_wrong(broken, text):
    with pytest.raises(BadModel, match=r"(?s)the program is broken: .*" + text):
        check(with_steps(broken))


@pytest.mark.parametrize(
    ("primitive", "inputs", "shape", "params"),
    [
        ("take", (ROW,), (2,), {"indices": (0, 4), "shape": (2,)}),
        ("take", (ROW,), (2,), {"indices": (0, -1), "shape": (2,)}),  # NumPy counts from the end
        ("put_add", (ROW, ROW), (4,), {"indices": (0, 1, 2, 9)}),
        ("put_add", (ROW, ROW), (4,), {"indices": (0, 1)}),
        ("slice", (ROW,), (2,), {"start_indices": (-3,), "limit_indices": (3,), "strides": None}),
        ("slice", (ROW,), (3,), {"start_indices": (1,), "limit_indices": (9,), "strides": None}),
        ("reduce_sum", (ROW,), (), {"axes": (-1,)}),
        ("broadcast_in_dim", (ROW,), (2, 4), {"shape": (2, 4), "broadcast_dimensions": (5,)}),
    ],
)
def test_a_place_outside_an_array_is_refused(primitive, inputs, shape, params):
    with pytest.raises(BadModel, match=rf"step %99 = {primitive} .* reaches outside of \(4,\)"):
        check(with_steps(Step(primitive, inputs, Value("%99", shape, "float32"), params, "forward", None)))


def test_a_step_with_the_wrong_parameters_is_refused():
    with pytest.raises(BadModel, match=r"step %99 = reduce_sum color=3 user cannot be computed"):
        check(with_steps(step("reduce_sum", shape=(), color=3)))


def test_a_primitive_without_a_meaning_is_named_with_its_line():
    with pytest.raises(
        UnsupportedPrimitive, match=r"(?s)'sort' has no arrays rule \(at test_check\.py:\d+:\d+ \(score\)"
    ):
        check(with_steps(step("sort")))


def test_a_result_that_no_step_gives_is_refused():
    with pytest.raises(BadModel, match=r"a result reads %77 \(\), which nothing before it assigns"):
        check(replace(PROGRAM, loss=Value("%77", (), "float32")))


def test_a_result_of_the_wrong_shape_is_refused():
    with pytest.raises(BadModel, match=r"the result user is \(4,\), where \(\) is needed"):
        check(replace(PROGRAM, loss=ROW))
    with pytest.raises(BadModel, match=r"where \(4,\) is needed"):
        check(replace(PROGRAM, gradients={"user": PROGRAM.loss}))
    update = PROGRAM.updates["user"]
    with pytest.raises(BadModel, match=r"where \(4,\) is needed"):
        check(replace(PROGRAM, updates={**PROGRAM.updates, "user": replace(update, new_row=update.learning_rate)}))
