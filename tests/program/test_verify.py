"""A broken program is refused with what is wrong; machine code never sees one."""

import json
from dataclasses import replace

import pytest

import rowwise as rw
from rowwise.errors import BadModel, UnsupportedPrimitive
from rowwise.program.inputs import (
    KINDS,
    BagLookup,
    Constant,
    DenseWeight,
    Dropout,
    ExampleValue,
    HistoryLookup,
    PaddingMask,
    RowLookup,
    RowsLookup,
    SampledLookup,
    SampledRowsLookup,
    Statistic,
    Target,
    input_of,
)
from rowwise.program.program import Body, Literal, Step, Value
from rowwise.program.verify import verify
from rowwise.trained.older import FORMATS


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
        UnsupportedPrimitive, match=r"(?s)'eigh' has no arrays rule \(at test_verify\.py:\d+:\d+ \(score\)"
    ):
        verify(with_steps(step("eigh")))


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


# Inputs

ALL_KINDS = {
    "user": RowLookup(Value("user", (4,), "float32"), "userId", "user"),
    "words": RowsLookup(Value("words", (5, 2), "float32"), "words", "words"),
    "filled": PaddingMask(Value("filled", (5,), "float32"), "mask of words", "words"),
    "tags": BagLookup(Value("tags", (2,), "float32"), "tags", "tags", "mean", "shares"),
    "history": HistoryLookup(Value("history", (), "float32"), "itemId", "weight", "userId", 9),
    "other": SampledLookup(Value("other", (4,), "float32"), "userId", "user"),
    "others": SampledRowsLookup(Value("others", (3, 4), "float32"), "itemId", "user", 0.75),
    "age": ExampleValue(Value("age", (), "float32"), "age"),
    "mean": Statistic(Value("mean", (), "float32"), "rating", "mean"),
    "layer": DenseWeight(Value("layer", (2, 3), "float32")),
    "keep": Dropout(Value("keep", (2,), "float32"), 0.5),
    "target": Target(Value("target", (), "float32"), "rating"),
    "constant1": Constant(Value("constant1", (2,), "float32"), [1.0, 2.0]),
}


def with_inputs(**changed):
    """A program that reads one input of each kind, some of them changed, or others besides."""
    inputs = tuple((ALL_KINDS | changed).values())
    zero = Literal(0.0, "float32")
    return replace(PROGRAM, inputs=inputs, steps=(), prediction=zero, loss=zero, gradients={}, updates={})


def test_every_kind_of_input_passes():
    program = with_inputs()
    assert verify(program) is program
    assert {type(i) for i in program.inputs} == set(KINDS.values())


@pytest.mark.parametrize("i", ALL_KINDS.values(), ids=ALL_KINDS)
def test_an_input_is_read_back_from_what_it_says_and_from_what_it_said_before(i):
    told = json.loads(json.dumps(i.to_json()))
    assert input_of(told) == i
    fields = ("column", "table", "combine", "rate", "constant", "mask_of", "weights", "statistic", "of", "width")
    before = dict.fromkeys(fields) | {{"numbers": "constant"}.get(name, name): each for name, each in told.items()}
    before["kind"] = {"mask": "value"}.get(told["kind"], told["kind"])
    assert input_of(FORMATS[2].renewed({"inputs": [before]})["inputs"][0]) == i


@pytest.mark.parametrize(
    ("name", "changed", "text"),
    [
        ("user", {"kind": "rowe"}, "of kind 'rowe'"),
        ("user", {"kind": ["row"]}, "of kind \"\\['row'\\]\""),
        ("user", {"table": None}, "of kind row has or lacks 'table'"),
        ("user", {"column": None}, "of kind row has or lacks 'column'"),
        ("user", {"combine": "mean"}, "of kind row has or lacks 'combine'"),
        ("user", {"weights": "shares"}, "of kind row has or lacks 'weights'"),
        ("tags", {"combine": None}, "of kind bag has or lacks 'combine'"),
        ("keep", {"rate": None}, "of kind dropout has or lacks 'rate'"),
    ],
)
def test_an_input_with_the_fields_of_another_kind_is_refused(name, changed, text):
    with pytest.raises(ValueError, match=text):
        input_of(ALL_KINDS[name].to_json() | changed)


def but(name, value=None, **fields):
    """One of the inputs with other fields; `value` are the shape and the type of its value."""
    i = ALL_KINDS[name]
    return {name: replace(i, value=Value(name, *value) if value else i.value, **fields)}


def more(name, **fields):
    """A further input, like one of those there."""
    return {"more": replace(ALL_KINDS[name], value=replace(ALL_KINDS[name].value, name="more"), **fields)}


def bag_of(column):
    return {"more": BagLookup(Value("more", (2,), "float32"), column, "words", "sum")}


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (but("user", column=""), "has a column that is no name"),
        (but("user", column="\ud800"), "has a column that is no name"),
        (but("user", ((4,), "int32")), "of kind row, is int32"),
        (but("user", ((0,), "float32")), "it holds nothing"),
        (but("user", ((4.0,), "float32")), r"of shape \(4.0,\)"),
        (but("user", ((True,), "float32")), r"of shape \(True,\)"),
        (but("tags", combine="max"), "combines by 'max'"),
        (but("words", ((), "float32")), "of kind rows, is float32"),
        (but("filled", mask_of="tags"), "is of no column of 5 ids"),
        (but("filled", ((4,), "float32")), "is of no column of 4 ids"),
        (but("age", ((2, 2), "float32")), "of kind value, is float32 of shape"),
        (but("mean", ((2,), "float32")), "of kind statistic, is float32 of shape"),
        (but("mean", statistic="median"), "is the statistic 'median'"),
        (but("keep", rate=1.0), "drops at a rate of 1.0"),
        (but("keep", rate=float("nan")), "drops at a rate of nan"),
        (but("keep", rate=None), "drops at a rate of None"),
        (but("target", ((3, 3), "float32")), "of kind target, is float32"),
        (but("target", ((3,), "int32")), "of kind target, is int32"),
        (more("target"), "of kind target is called more"),
        (but("constant1", numbers=[1.0]), "is not float32 numbers of shape"),
        (but("constant1", numbers=[1.0, 2.0, 3.0]), "is not float32 numbers of shape"),
        (but("constant1", numbers=["1", "2"]), "is not float32 numbers of shape"),
        (but("constant1", numbers=[1.0, 1e39]), "is not float32 numbers of shape"),
        (but("constant1", numbers=[[1.0, 2.0]]), "is not float32 numbers of shape"),
        (but("constant1", ((2,), "int32"), numbers=[1, 2**31]), "is not int32 numbers of shape"),
        (more("user", column="words", table="more"), "'words' is read as rows of 5 and as row"),
        (bag_of("words"), "the column 'words' is read as rows of 5 and as bag"),
        (more("age", column="shares"), "'shares' is read as lists and as one id or number"),
        (more("user", table="tags"), r"the table 'tags' is read as"),
        (more("user", table="layer"), "'layer' is the name of two tables or weights"),
    ],
)
def test_an_input_that_is_not_of_its_kind_is_refused(changed, text):
    with pytest.raises(BadModel, match=rf"(?s)the program is broken: .*{text}"):
        verify(with_inputs(**changed))


# Updates, phases, loops, and how much there may be of everything


def with_update(**fields):
    return replace(PROGRAM, updates={**PROGRAM.updates, "user": replace(PROGRAM.updates["user"], **fields)})


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        (with_update(table="movie"), "the update of 'user' moves no table"),
        (with_update(row=Value("r", (3,), "float32")), r"moves rows of \(3,\), where \(4,\) is read"),
        (with_update(new_row=PROGRAM.updates["movie"].new_row), "reads .*, which is another's"),
        (with_update(start=(1.0,)), "has 0 states, 1 starts"),
        (replace(PROGRAM, gradients={}), "is missing, or of nothing that moves"),
        (replace(PROGRAM, updates={}), "is missing, or of nothing that moves"),
        (replace(PROGRAM, prediction=Value("target", (), "float32")), "the prediction reads target"),
        (replace(PROGRAM, prediction=next(iter(PROGRAM.gradients.values()))), "which nothing before it assigns"),
        (replace(PROGRAM, steps=PROGRAM.steps[::-1]), "a step of an earlier phase stands after one of a later"),
        (replace(PROGRAM, name="\ud800"), "its name and its optimizer are texts"),
    ],
)
def test_what_is_moved_and_what_is_read_has_to_be_there(broken, text):
    with pytest.raises(BadModel, match=rf"(?s)the program is broken: .*{text}"):
        verify(broken)


def one_number(name="x"):
    return Value(name, (), "float32")


def loop(name, length, start, *inner):
    """Rounds that hand on what they were given."""
    body = Body("f", (), (one_number("c"),), (), inner, (one_number("c"),), ())
    return step("scan", (start,), (length, 1), name=name, body=body, length=length, reverse=False)


def test_loops_inside_loops_take_the_product_of_their_rounds():
    one = Literal(1.0, "float32")
    assert verify(with_steps(loop("outer", 2_000, one)))
    assert verify(with_steps(loop("outer", 100, one, loop("inner", 100, one_number("c")))))
    with pytest.raises(BadModel, match=r"(?s)one example takes 4,\d{3},\d{3} steps, each round.*write a smaller dim="):
        verify(with_steps(loop("outer", 2_000, one, loop("inner", 2_000, one_number("c")))))


def test_a_loop_reads_nothing_of_what_is_around_it():
    inner = step("neg", (ROW,), name="inner")
    with pytest.raises(BadModel, match=r"reads user \(4,\), which nothing before it assigns"):
        verify(with_steps(loop("outer", 2, Literal(1.0, "float32"), inner)))
