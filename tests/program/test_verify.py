"""A broken program is refused with what is wrong; machine code never sees one."""

from dataclasses import replace

import pytest

import rowwise as rw
from rowwise.errors import BadModel, UnsupportedPrimitive
from rowwise.program.program import Literal, Step, Value
from rowwise.program.verify import verify


@rw.model(target="rating", loss=rw.squared_error)
def score(user=rw.Row("userId", 4), movie=rw.Row("movieId", 4)):
    return user[1:] @ movie[:-1] + user[0]


PROGRAM = score.program(optimizer="sgd")
ROW = Value("user", (4,), "float32")


def with_steps(*steps):
    """The program with further steps at the end of its forward pass."""
    forward = PROGRAM.phase("forward")
    return replace(PROGRAM, steps=(*forward, *steps, *PROGRAM.steps[len(forward) :]))


def step(primitive="neg", inputs=(ROW,), shape=(4,), dtype="float32", name="%99", phase="forward", **params):
    return Step(primitive, inputs, Value(name, shape, dtype), params, phase, PROGRAM.steps[0].place)


def test_a_whole_program_passes_as_it_is():
    assert verify(PROGRAM) is PROGRAM
    assert step() in verify(with_steps(step())).steps


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
        (
            step(inputs=(Literal(1.0, "float32", (1 << 30,)),)),
            r"read by step %99 = neg 1, is float32 of shape \(1073741824,\)",
        ),
        (step(shape=(-4,)), r"is float32 of shape \(-4,\)"),
        (step(phase="backward"), "is of phase 'backward'"),
    ],
)
def test_a_broken_step_is_refused_with_what_is_wrong(broken, text):
    with pytest.raises(BadModel, match=r"(?s)the program is broken: .*" + text):
        verify(with_steps(broken))


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
    with pytest.raises(BadModel, match=rf"step %99 = {primitive} .* (reaches outside|do not|takes a place)"):
        verify(with_steps(Step(primitive, inputs, Value("%99", shape, "float32"), params, "forward", None)))


def test_a_step_with_the_wrong_parameters_is_refused():
    with pytest.raises(BadModel, match=r"step %99 = reduce_sum color=3 user cannot be computed"):
        verify(with_steps(step("reduce_sum", shape=(), color=3)))


def test_a_primitive_without_a_meaning_is_named_with_its_line():
    with pytest.raises(
        UnsupportedPrimitive, match=r"(?s)'sort' has no arrays rule \(at test_verify\.py:\d+:\d+ \(score\)"
    ):
        verify(with_steps(step("sort")))


def test_a_result_that_no_step_gives_is_refused():
    with pytest.raises(BadModel, match=r"a result reads %77 \(\), which nothing before it assigns"):
        verify(replace(PROGRAM, loss=Value("%77", (), "float32")))


def test_a_result_of_the_wrong_shape_is_refused():
    with pytest.raises(BadModel, match=r"the result user is \(4,\), where \(\) is needed"):
        verify(replace(PROGRAM, loss=ROW))
    with pytest.raises(BadModel, match=r"where \(4,\) is needed"):
        verify(replace(PROGRAM, gradients={**PROGRAM.gradients, "user": PROGRAM.loss}))
    update = PROGRAM.updates["user"]
    with pytest.raises(BadModel, match=r"where \(4,\) is needed"):
        verify(replace(PROGRAM, updates={**PROGRAM.updates, "user": replace(update, new_row=update.learning_rate)}))
