"""A `jax.lax.scan` in, one step out: the same numbers as JAX's, its derivative as a loop back and products after it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rowwise as rw
from reference import trains_as_the_reference
from rowwise.backends import reference
from rowwise.backends.xla.batch import XlaBatch
from rowwise.errors import BadModel, UnsupportedPrimitive
from rowwise.program.program import Program

LENGTH = 4


def running_sum(words, weight):
    return jax.lax.scan(lambda total, row: (total + row, total.sum()), jnp.zeros(3), words)[1].sum() * weight[0, 0]


def elman(words, weight):
    def step(state, row):
        state = jax.nn.relu(jnp.tanh(weight @ state + row) + 0.1)
        return state, jnp.where(state > 0.2, state, 0.0).sum()

    state, given = jax.lax.scan(step, jnp.array([0.1, -0.2, 0.3]), words)
    return state.sum() - 2 * given.max()


def backwards(words, weight):
    def step(state, given):
        row, place = given
        return jnp.tanh(weight @ row * state + place), ()

    return jax.lax.scan(step, jnp.ones(3), (words, jnp.arange(LENGTH) / LENGTH), reverse=True)[0] @ weight[0]


def counted(words, weight):
    """A loop of jax.lax with a counter, a weight that it hands on unchanged, and one inside another."""

    def step(_, state):
        return jax.lax.fori_loop(0, 2, lambda k, inner: jnp.sin(weight @ inner) + 0.1 * k, state)

    return jax.lax.fori_loop(0, 3, step, words[0]).sum()


LOOPS = (running_sum, elman, backwards, counted)


def model_of(function):
    @rw.model(target="rating", loss=rw.squared_error)
    def looped(words=rw.Rows("words", 3, length=LENGTH), weight=rw.Weight((3, 3))):
        return function(words, weight)

    return looped


def numbers(seed=0):
    random = np.random.default_rng(seed)
    return {"words": random.normal(size=(LENGTH, 3)), "weight": random.normal(size=(3, 3)), "target": np.array(0.5)}


@pytest.mark.parametrize("function", LOOPS)
def test_a_loop_gives_the_numbers_of_jax_and_the_slopes_of_differences(function):
    program, given = model_of(function).program(optimizer="sgd"), numbers()
    values = reference.run(program, given)
    wanted = function(*(jnp.asarray(given[name], jnp.float32) for name in ("words", "weight")))
    assert reference.number(values, program.prediction) == pytest.approx(float(wanted), rel=1e-5)
    for name, gradient in program.gradients.items():
        found = np.broadcast_to(reference.number(values, gradient), given[name].shape)
        for place in np.ndindex(found.shape):
            loss = []
            for by in (1e-5, -1e-5):
                moved = given[name].copy()
                moved[place] += by
                loss.append(reference.number(reference.run(program, given | {name: moved}), program.loss))
            assert found[place] == pytest.approx((loss[0] - loss[1]) / 2e-5, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("function", LOOPS)
def test_a_program_with_a_loop_is_read_back_as_it_was_written(function):
    program = model_of(function).program(optimizer="sgd")
    assert Program.from_json(program.to_json()) == program


def test_a_loop_trains_in_batches_as_the_steps_say():
    trains_as_the_reference(XlaBatch, model_of(elman), optimizer="adam", n=5, epochs=1)


def test_the_derivative_of_a_weight_that_every_round_reads_is_one_product_after_the_loop():
    program = model_of(elman).program(optimizer="sgd")
    back = [step for step in program.steps if step.primitive == "scan"][-1]
    assert back.params["reverse"]
    assert (3, 3) not in [value.shape for value in back.params["body"].carried]
    product = program.steps[[step.output for step in program.steps].index(program.gradients["weight"])]
    assert (product.primitive, [operand.shape for operand in product.inputs]) == ("dot_general", [(LENGTH, 3)] * 2)


def test_each_step_of_a_body_knows_its_line():
    (loop, *_) = [step for step in model_of(elman).program().steps if step.primitive == "scan"]
    assert "jax.lax.scan(step" in loop.place.text
    assert {step.place.text for step in loop.params["body"].steps} == {
        "state = jax.nn.relu(jnp.tanh(weight @ state + row) + 0.1)",
        "return state, jnp.where(state > 0.2, state, 0.0).sum()",
    }


def test_a_target_without_loops_names_the_line():
    with pytest.raises(
        UnsupportedPrimitive, match=r"(?s)'scan' has no llvm rule \(at test_loops.py:\d+:\d+ .*engine='xla'"
    ):
        model_of(elman).kernel()


def test_a_sheet_says_where_the_loop_is(tmp_path):
    data = {"words": [[1, 2, 3, 1], [2, 1, 3, 3]], "rating": [1.0, 0.0]}
    fitted = model_of(running_sum).fit(data, epochs=1, batch_size=2)
    with pytest.raises(UnsupportedPrimitive, match=r"'scan' has no sheet rule \(at test_loops.py"):
        fitted.sheet(tmp_path / "m.xlsx", data=data)
    assert not list(tmp_path.iterdir())


def square(x):
    return x * x


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda words: jax.lax.while_loop(lambda x: x < 9, square, jax.lax.stop_gradient(words[0, 0])),
            "'while' at .*write a loop of known length, jax.lax.scan",
        ),
        (
            lambda words: jax.lax.scan(lambda t, _: (t * 2, ()), words, None, length=0)[0].sum(),
            "'scan' at .*a loop of at least one round",
        ),
        (
            lambda words: jax.lax.conv_general_dilated(
                words.T[None], words[:2].T[:, None], (1,), "VALID", feature_group_count=words.shape[1]
            ).sum(),
            r"'conv_general_dilated' at .*in groups.*write rw.layers.convolution\(rows, kernel\)",
        ),
        (
            lambda words: jax.lax.reduce_window(words, -jnp.inf, jax.lax.max, (2, 1), (2, 1), "valid").sum(),
            r"'reduce_window_max' at .*write rw.layers.max_pool\(rows, size\)",
        ),
    ],
)
def test_what_has_no_steps_is_told_with_what_to_write(function, message):
    with pytest.raises(BadModel, match=f"(?s){message}"):
        model_of(lambda words, weight: function(words)).program()
