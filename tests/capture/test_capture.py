"""A model in, its program out: the same value and gradient as JAX's own, as flat steps with their places."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rowwise as rw
from rowwise.backends import reference
from rowwise.errors import BadModel
from rowwise.program.inputs import Constant, SampledLookup, kind_of
from rowwise.program.program import DERIVATIVE, FORWARD, UPDATE, Program

user, movie, matrix = np.random.default_rng(0).normal(size=(3, 4, 4)).astype(np.float32)
INPUTS = {"user": user[0], "movie": movie[0], "bias": np.float32(0.3), "weight": matrix, "rows": movie}
TABLE = np.float32([[1, 2, 3, 4], [0, 1, 0, -1]])  # numbers that a function closes over


@jax.custom_jvp
def clipped_exp(x):
    return jnp.exp(jnp.minimum(x, 3.0))


@clipped_exp.defjvp
def _clipped_exp_jvp(primals, tangents):
    return clipped_exp(*primals), 2.0 * tangents[0]  # not the derivative, so that a test sees it was asked for


@jax.custom_vjp
def scaled(x):
    return x * 3.0


scaled.defvjp(lambda x: (x * 3.0, None), lambda _, ct: (ct * 7.0,))

jitted = jax.jit(lambda x, y: jnp.tanh(x @ y))

# What a user may write. Each takes user (4,), movie (4,), bias (), weight (4, 4), rows (4, 4).
FUNCTIONS = {
    "a dot product": lambda u, m, b, w, r: u @ m + b,
    "arithmetic": lambda u, m, b, w, r: ((u * m - u / (m * m + 1.0)) ** 3).sum() - b,
    "one number of a row": lambda u, m, b, w, r: u[2] * m[-1] + b,
    "several numbers of a row": lambda u, m, b, w, r: (u[jnp.array([0, 2, 2])] * m[np.array([3, 1, 0])]).sum(),
    "the largest of neighbours": lambda u, m, b, w, r: (r.reshape(2, 2, 4).max(1) @ u).sum(),
    "slices": lambda u, m, b, w, r: u[1:] @ m[:-1] + u[::2] @ m[1::2] + u[::-1] @ m,
    "a row of rows": lambda u, m, b, w, r: r[1] @ u + r[-1, 2] + r[1:3, 0].sum(),
    "rows of rows": lambda u, m, b, w, r: (r[jnp.array([3, 0, 3])] @ u).sum(),
    "where": lambda u, m, b, w, r: jnp.where(u > m, u * 2, m).sum(),
    "a truth as a number": lambda u, m, b, w, r: ((u > 0) * m).sum() + (u > m).astype(jnp.float32).sum(),
    "and, or, not": lambda u, m, b, w, r: jnp.where(((u > 0) & (m > 0)) | ~(u > m), u, m).sum(),
    "stack": lambda u, m, b, w, r: (jnp.stack([u, m, u * m]) @ u).sum(),
    "concatenate": lambda u, m, b, w, r: jnp.concatenate([u, m, b[None]]) @ jnp.arange(9.0),
    "split": lambda u, m, b, w, r: (lambda a, c: a @ c)(*jnp.split(u * m, 2)),
    "einsum": lambda u, m, b, w, r: jnp.einsum("i,ij,j->", u, w, m),
    "a layer": lambda u, m, b, w, r: jax.nn.relu(w @ u) @ m,
    "a transposed layer": lambda u, m, b, w, r: (u @ w.T * m).sum(),
    "an outer product": lambda u, m, b, w, r: (jnp.outer(u, m) * w).sum(),
    "softmax": lambda u, m, b, w, r: jax.nn.softmax(u) @ m,
    "attention": lambda u, m, b, w, r: (jax.nn.softmax(r @ u) @ r) @ m,
    "logsumexp": lambda u, m, b, w, r: jax.nn.logsumexp(u * m) + b,
    "log_softmax": lambda u, m, b, w, r: jax.nn.log_softmax(u)[1],
    "norm": lambda u, m, b, w, r: jnp.linalg.norm(u - m) + jnp.linalg.norm(r, axis=1).sum(),
    "max and min": lambda u, m, b, w, r: jnp.max(u) * jnp.min(m) + r.max(0).sum(),
    "mean and var": lambda u, m, b, w, r: jnp.mean(u) + jnp.var(m) + jnp.std(r, axis=0) @ u,
    "prod": lambda u, m, b, w, r: jnp.prod(u) + b,
    "cumsum": lambda u, m, b, w, r: jnp.cumsum(u) @ m,
    "sigmoid, gelu, silu": lambda u, m, b, w, r: (jax.nn.sigmoid(u) + jax.nn.gelu(m) + jax.nn.silu(u)).sum(),
    "softplus, elu, leaky": lambda u, m, b, w, r: (
        jax.nn.softplus(u) + jax.nn.elu(m) + jax.nn.leaky_relu(u) + jax.nn.log_sigmoid(m)
    ).sum(),
    "exp, log, sqrt": lambda u, m, b, w, r: (jnp.exp(u) + jnp.log(m**2 + 1) + jnp.sqrt(u**2 + 1)).sum(),
    "powers": lambda u, m, b, w, r: (jnp.abs(u) ** 1.5 + m**-2.0 + 2.0**u).sum(),
    "clip and abs": lambda u, m, b, w, r: (jnp.clip(u, -0.5, 0.5) + jnp.abs(m)).sum(),
    "distance": lambda u, m, b, w, r: -jnp.sum((u - m) ** 2) + b,
    "cosine": lambda u, m, b, w, r: u @ m / jnp.sqrt((u @ u) * (m @ m)),
    "reshape and transpose": lambda u, m, b, w, r: (u.reshape(2, 2).T @ m.reshape(2, 2)).sum(),
    "flip, roll, pad, tile": lambda u, m, b, w, r: (
        jnp.flip(u) @ jnp.roll(m, 1) + jnp.pad(u, (1, 2)).sum() + jnp.tile(m, 2)[5]
    ),
    "a vmap inside": lambda u, m, b, w, r: jax.vmap(lambda row: jnp.tanh(row @ u))(r).sum(),
    "a jitted call": lambda u, m, b, w, r: jitted(u, m) * b,
    "custom_jvp": lambda u, m, b, w, r: clipped_exp(u).sum() + b,
    "custom_vjp": lambda u, m, b, w, r: scaled(u) @ m,
    "checkpoint": lambda u, m, b, w, r: jax.checkpoint(lambda x: jnp.tanh(x) @ m)(u),
    "stop_gradient": lambda u, m, b, w, r: jax.lax.stop_gradient(u) @ m,
    "numbers closed over": lambda u, m, b, w, r: (TABLE @ u).sum() + jnp.asarray(TABLE)[0] @ m,
    "what folds": lambda u, m, b, w, r: u @ (jnp.arange(4.0) * 2 + jnp.ones(4)) + jnp.log(2.0) * b,
    "nothing of a row": lambda u, m, b, w, r: b * 0 + 3.0,
}  # fmt: skip


def model_of(function, **options):
    @rw.model(target="rating", loss=options.pop("loss", rw.squared_error), **options)
    def score(
        user=rw.Row("userId", 4, l2=0.01),
        movie=rw.Row("movieId", 4),
        bias=rw.Row("movieId"),
        weight=rw.Weight((4, 4), l2=0.001),
        rows=rw.Rows("seen", 4, length=4),
    ):
        return function(user, movie, bias, weight, rows)

    return score


def of_jax(model, program, target):
    """Loss and gradients by JAX itself, with the l2 that the words ask for."""

    def cost(inputs):
        penalty = 0.01 * (inputs["user"] ** 2).sum() + 0.001 * (inputs["weight"] ** 2).sum()
        return model.recipe.outcome(inputs, target)[1] + (0 if program.dense else penalty)

    loss, gradients = jax.jit(jax.value_and_grad(cost))(INPUTS)
    return float(model.recipe.outcome(INPUTS, target)[1]), loss, gradients


@pytest.mark.parametrize("name", FUNCTIONS)
def test_value_and_gradient_are_those_of_jax(name):
    model = model_of(FUNCTIONS[name])
    program = model.program(optimizer="sgd")
    values = reference.run(program, {**INPUTS, "target": 2.0})
    loss, _, gradients = of_jax(model, program, 2.0)
    np.testing.assert_allclose(reference.number(values, program.loss), loss, rtol=2e-5, atol=1e-6)
    for of, operand in program.gradients.items():
        found = np.broadcast_to(reference.number(values, operand), np.shape(gradients[of]))
        np.testing.assert_allclose(found, gradients[of], rtol=2e-4, atol=2e-5)
    assert Program.from_json(program.to_json()) == program


# The flat list


def test_steps_are_forward_then_derivative_then_update():
    phases = [step.phase for step in model_of(FUNCTIONS["a layer"]).program().steps]
    assert phases == sorted(phases, key=[FORWARD, DERIVATIVE, UPDATE].index)
    assert set(phases) == {FORWARD, DERIVATIVE, UPDATE}


def test_no_derivative_step_is_needed_by_the_loss():
    program = model_of(FUNCTIONS["attention"]).program()
    assert {step.phase for step in program.needed([program.loss, program.prediction])} == {FORWARD}


def test_every_step_is_needed():
    program = model_of(FUNCTIONS["mean and var"]).program()
    results = [program.loss, program.prediction, *program.gradients.values()]
    results += [output for update in program.updates.values() for output in update.outputs]
    assert program.needed(results) == program.steps


def test_a_nested_call_is_inlined_with_the_place_of_the_users_line():
    @rw.model(target="rating", loss=rw.squared_error)
    def score(user=rw.Row("userId", 4), movie=rw.Row("movieId", 4)):
        return jitted(user, jax.nn.softplus(movie))

    line = score.function.__code__.co_firstlineno + 2
    mine = [step.place for step in score.program().phase(FORWARD) if step.place.function == "score"]
    assert {place.line for place in mine} == {line}
    assert {place.text for place in mine} == {"return jitted(user, jax.nn.softplus(movie))"}
    assert {place.column for place in mine} <= set(range(5, 60))
    assert not {"jit", "pjit", "custom_jvp_call"} & {step.primitive for step in score.program().steps}


def test_the_derivative_knows_the_line_it_came_from():
    @rw.model(target="rating", loss=rw.squared_error)
    def score(user=rw.Row("userId", 4), movie=rw.Row("movieId", 4)):
        near = user @ movie
        return jnp.tanh(near)

    first = score.function.__code__.co_firstlineno
    lines = {step.place.line for step in score.program().phase(DERIVATIVE) if step.place.function == "score"}
    assert lines == {first + 2, first + 3}


def test_l2_range_and_clip_are_places_of_their_own():
    program = model_of(FUNCTIONS["a dot product"], range=(0, 5), clip=(1, 4)).program()
    assert {"l2", "range", "clip"} <= {step.place.function for step in program.steps if step.place}


def test_what_is_the_same_for_every_example_is_folded():
    program = model_of(FUNCTIONS["what folds"]).program(optimizer="sgd")
    assert {step.primitive for step in program.phase(FORWARD)} <= {"dot_general", "mul", "add", "sub", "integer_pow"}
    (constant,) = [i for i in program.inputs if isinstance(i, Constant)]
    assert constant.numbers == [1.0, 3.0, 5.0, 7.0]


def test_numbers_used_twice_are_one_constant():
    program = model_of(lambda u, m, b, w, r: (TABLE @ u) @ (TABLE @ m)).program(optimizer="sgd")
    assert [i.numbers for i in program.inputs if isinstance(i, Constant)] == [TABLE.tolist()]


def test_a_number_stands_as_the_user_wrote_it():
    program = model_of(lambda u, m, b, w, r: 0.1 * b).program(optimizer="sgd")
    assert any("0.1" in str(step).split() for step in program.phase(FORWARD))


def test_multiplying_by_one_and_adding_zero_leave_no_step():
    program = model_of(lambda u, m, b, w, r: (1.0 * u + 0.0) @ m / 1.0 - 0.0).program(optimizer="sgd")
    named = [step for step in program.phase(FORWARD) if step.place.function == "<lambda>"]
    assert [step.primitive for step in named] == ["dot_general"]


def test_the_gradient_of_a_matrix_is_one_product_on_whichever_side_it_stands():
    @rw.model(target="rating", loss=rw.squared_error)
    def net(user=rw.Row("userId", 4), hidden=rw.Weight((4, 3)), output=rw.Weight((2, 3)), last=rw.Weight(2)):
        return last @ (output @ jnp.tanh(user @ hidden))

    program = net.program()
    assert not any(step.primitive == "transpose" for step in program.phase(DERIVATIVE))
    assert [program.gradients[name].shape for name in ("hidden", "output")] == [(4, 3), (2, 3)]


def test_a_dense_update_pays_l2_in_the_update_and_not_in_the_loss():
    sparse, dense = (
        model_of(FUNCTIONS["a dot product"]).program(optimizer="sgd", update=u) for u in ("sparse", "dense")
    )
    values = reference.run(dense, {**INPUTS, "target": 2.0})
    error = INPUTS["user"] @ INPUTS["movie"] + INPUTS["bias"] - 2
    np.testing.assert_allclose(
        reference.number(values, dense.gradients["user"]), 2 * error * INPUTS["movie"], rtol=1e-6
    )
    update = dense.updates["user"]
    moved = reference.run_update(dense, update, user[0], np.zeros(4), 0.5, ())[update.new_row.name]
    np.testing.assert_allclose(moved, user[0] - 0.5 * 2 * 0.01 * user[0], rtol=1e-6)
    assert len(sparse.phase(DERIVATIVE)) > len(dense.phase(DERIVATIVE))


def test_a_frozen_table_has_no_gradient_and_no_update():
    @rw.model(target="rating", loss=rw.squared_error)
    def score(user=rw.Row("userId", 4), movie=rw.Row("movieId", 4, trainable=False), w=rw.Weight(4, trainable=False)):
        return user @ (movie + w)

    program = score.program()
    assert list(program.gradients) == list(program.updates) == ["user"]


def test_a_model_with_its_own_loss_has_no_target():
    @rw.model()
    def rank(user=rw.Row("userId", 4), item=rw.Row("itemId", 4), other=rw.Sampled("itemId", 4, table="item")):
        return user @ item, -jax.nn.log_sigmoid(user @ item - user @ other)

    program = rank.program()
    assert "target" not in [kind_of(i) for i in program.inputs]
    assert list(program.updates) == ["user", "item"]
    assert list(program.gradients) == ["user", "item", "other"]
    assert not [i for i in program.reads([program.prediction]) if isinstance(i, SampledLookup)]


def test_a_loss_alone_is_a_model_without_a_prediction():
    program = rw.model()(lambda user=rw.Row("userId", 4): (user**2).sum()).program()
    assert program.prediction is None


def test_classes_have_whole_numbers_as_targets():
    @rw.model(target="kind", loss=rw.categorical_cross_entropy)
    def kind(words=rw.Bag("words", 4), layer=rw.Weight((3, 4))):
        return layer @ words

    program = kind.program(optimizer="sgd")
    inputs = {"words": user[0], "layer": matrix[:3], "target": 2}
    values = reference.run(program, inputs)
    scores = matrix[:3] @ user[0]
    shares = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(reference.number(values, program.prediction), shares, rtol=1e-5)
    np.testing.assert_allclose(
        reference.number(values, program.gradients["words"]), matrix[:3].T @ (shares - [0, 0, 1]), rtol=1e-4
    )


# What has no steps


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda u, m, b, w, r: jnp.linalg.eigvalsh(jnp.outer(u, m))[0], "'eigh' at .*eigvalsh.*cannot be written as"),
        (lambda u, m, b, w, r: jax.lax.sort((u, m), num_keys=2)[0][0], "'sort' at .*by several keys"),
        (lambda u, m, b, w, r: jax.lax.round(u).sum(), "halves away from zero; jnp.round"),
    ],
)  # fmt: skip
def test_what_cannot_be_steps_is_named_with_its_line(function, text):
    with pytest.raises(BadModel, match=r"(?s)" + text + r".*docs/primitives\.md"):
        model_of(function).program()


@pytest.mark.parametrize("dtype", ["uint32", "uint8", "int8", "int16", "float16", "bfloat16", "complex64"])
def test_a_type_that_programs_do_not_have_is_named_with_its_line(dtype):
    def score(u, m, b, w, r):
        return (u.astype(dtype) * 2).real.astype("float32") @ m

    with pytest.raises(
        BadModel, match=rf"'convert_element_type' gives {dtype} at test_capture.py:\d+.*\n.*float32, int32"
    ):
        model_of(score).program()


def test_what_has_no_derivative_is_named_with_its_line():
    def forever(u, m, b, w, r):
        return jax.lax.while_loop(lambda x: x < 9, lambda x: x + 1, b)

    with pytest.raises(BadModel, match=r"(?s)`return jax\.lax\.while_loop.*` has no derivative: Reverse-mode"):
        model_of(forever).program()


def test_a_prediction_that_reads_a_drawn_row_is_refused():
    @rw.model(target="rating", loss=rw.squared_error)
    def score(user=rw.Row("userId", 4), other=rw.Sampled("itemId", 4)):
        return user @ other

    with pytest.raises(BadModel, match=r"(?s)the prediction of .* reads 'other', which is drawn at random"):
        score.program()


def test_what_a_function_draws_by_a_key_of_its_own_is_a_constant():
    @rw.model(target="rating", loss=rw.squared_error)
    def drawn(user=rw.Row("userId", 4)):
        return jax.random.normal(jax.random.key(3), (4,)) @ user

    (constant,) = drawn.program().inputs_of(Constant)
    np.testing.assert_allclose(constant.numbers, jax.random.normal(jax.random.key(3), (4,)), rtol=1e-6)
