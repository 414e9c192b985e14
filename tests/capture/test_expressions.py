"""One line of JAX each, in every engine that takes it: steps say what JAX says, and what is saved comes back."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import rowwise as rw
from rowwise.api.model import model
from rowwise.backends import reference
from rowwise.backends.llvm import kernel
from rowwise.errors import BadModel
from rowwise.models.losses import squared_error
from rowwise.models.words import Row
from rowwise.program.program import Program
from rowwise.program.verify import verify


def square(u):
    return u.reshape(2, 2) + 3 * jnp.eye(2)


IN_MACHINE_CODE = {
    "sort": lambda u: jnp.sort(u)[1],
    "sort along an axis": lambda u: jnp.sort(u.reshape(2, 2), axis=0)[0, 1],
    "median": lambda u: jnp.median(u),
    "quantile": lambda u: jnp.quantile(u, 0.3),
    "top_k": lambda u: lax.top_k(u, 2)[0].sum(),
    "argsort": lambda u: u[jnp.argsort(u)][0],
    "a place that is computed": lambda u: u[jnp.argmax(u)],
    "a slice that is computed": lambda u: lax.dynamic_slice(u, (jnp.int32(u[0]),), (2,)).sum(),
    "a slice that is written": lambda u: lax.dynamic_update_slice(u, u[:1] ** 2, (jnp.argmax(u),)).sum(),
    "take": lambda u: jnp.take(u, jnp.int32(u[:2]), mode="clip").sum(),
    "added at a place": lambda u: u.at[jnp.argmax(u)].add(u[0] ** 2).sum(),
    "set at a place": lambda u: u.at[jnp.argmax(u)].set(u[0] ** 2).sum(),
    "cumsum": lambda u: jnp.cumsum(u)[2],
    "cumprod": lambda u: jnp.cumprod(u)[3],
    "cummax": lambda u: lax.cummax(u)[3],
    "cummin of what is held still": lambda u: lax.cummin(lax.stop_gradient(u))[3] * u[0],
    "cumlogsumexp": lambda u: lax.cumlogsumexp(u)[3],
    "logsumexp": lambda u: jax.nn.logsumexp(u),
    "the largest along an axis": lambda u: jnp.max(u.reshape(2, 2), axis=0)[0],
    "the smallest along an axis": lambda u: jnp.min(u.reshape(2, 2), axis=1).sum(),
    "arcsin, arccos, arctan": lambda u: (jnp.arcsin(jnp.tanh(u)) + jnp.arccos(jnp.tanh(u) / 2) + jnp.arctan(u)).sum(),
    "arctan2": lambda u: jnp.arctan2(u[0], u[1]),
    "tan, sinh, cosh": lambda u: (jnp.tan(u / 3) + jnp.sinh(u) + jnp.cosh(u)).sum(),
    "arcsinh, arccosh, arctanh": lambda u: (
        jnp.arcsinh(u) + jnp.arccosh(u**2 + 1.5) + jnp.arctanh(jnp.tanh(u) / 2)
    ).sum(),
    "erf_inv": lambda u: lax.erf_inv(jnp.tanh(u) / 2).sum(),
    "cond": lambda u: lax.cond(u[0] > 0, lambda: u[1], lambda: u[2] ** 2),
    "switch": lambda u: lax.switch(jnp.int32(u[0] * 2), [lambda: u[1], lambda: u[2] ** 2, lambda: u[3]]),
    "a choice among three": lambda u: lax.select_n(jnp.clip(jnp.int32(u * 2), 0, 2), u, u * 2, u**2).sum(),
    "convolve": lambda u: jnp.convolve(u, u[:2])[1],
    "a convolution in two directions": lambda u: lax.conv_general_dilated(
        u.reshape(1, 1, 2, 2), u.reshape(1, 1, 2, 2), (1, 1), "SAME"
    ).sum(),
    "det": lambda u: jnp.linalg.det(square(u)),
    "slogdet": lambda u: jnp.linalg.slogdet(square(u))[1],
    "matrix_power": lambda u: jnp.linalg.matrix_power(u.reshape(2, 2), 3).sum(),
    "shifts": lambda u: ((u * 8).astype(jnp.int32) << 1 >> 2).astype(jnp.float32) @ u,
    "population_count": lambda u: lax.population_count((u * 8).astype(jnp.int32)).astype(jnp.float32) @ u,
    "std": lambda u: jnp.std(u),
}
IN_XLA = {
    "lgamma": lambda u: lax.lgamma(u**2 + 1).sum(),
    "digamma": lambda u: lax.digamma(u**2 + 1).sum(),
    "betaln": lambda u: jax.scipy.special.betaln(u[0] ** 2 + 1, u[1] ** 2 + 1),
    "gammainc": lambda u: jax.scipy.special.gammainc(1.5, u**2).sum(),
    "i0": lambda u: jax.scipy.special.i0(u).sum(),
    "solve": lambda u: jnp.linalg.solve(square(u), u[:2]).sum(),
    "inv": lambda u: jnp.linalg.inv(square(u)).sum(),
    "det of a larger matrix": lambda u: jnp.linalg.det(jnp.outer(u, u) + jnp.eye(4)),
    "cholesky": lambda u: jnp.linalg.cholesky(jnp.outer(u, u) + jnp.eye(4)).sum(),
    "solve_triangular": lambda u: jax.scipy.linalg.solve_triangular(square(u), u[:2], lower=True).sum(),
    "polyval": lambda u: jnp.polyval(u, 0.5),
}
EXPRESSIONS = IN_MACHINE_CODE | IN_XLA


def model_of(score):
    @model(target="rating", loss=squared_error)
    def expression(user=Row("userId", 4, init=0.5)):
        return score(user)

    return expression


@cache
def program_of(name):
    """The program of a line, read back from its text, as from a folder."""
    return verify(Program.from_json(model_of(EXPRESSIONS[name]).program(optimizer="sgd").to_json()))


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_line_of_jax_means_in_steps_what_jax_says_and_so_does_its_gradient(name):
    score, program = EXPRESSIONS[name], program_of(name)
    for seed in range(2):
        u = np.random.default_rng(seed).normal(size=4).astype(np.float32)
        values = reference.run(program, {"user": u, "target": 1.0})
        wanted = jax.value_and_grad(lambda u: (score(u) - 1.0) ** 2)(jnp.asarray(u))
        found = [reference.number(values, of) for of in (program.loss, program.gradients["user"])]
        np.testing.assert_allclose(found[0], wanted[0], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(found[1], wanted[1], rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_common_lines_run_in_machine_code_and_of_others_the_line_is_named(name):
    lacking = kernel.support(program_of(name), batch_size=1)
    assert lacking is None if name in IN_MACHINE_CODE else "test_expressions.py" in lacking


DATA = {"userId": [f"u{k % 7}" for k in range(60)], "rating": [float(k % 5) for k in range(60)]}


def fitted_of(expressions, engine):
    def all_of_them(u):
        return sum(jnp.tanh(score(u)) for score in expressions.values())

    return model_of(all_of_them).fit(
        DATA, epochs=1, batch_size=8, optimizer="sgd", learning_rate=1e-3, engine=engine, validation=None
    )


def test_all_lines_together_are_trained_in_machine_code_as_in_xla():
    by_llvm, by_xla = (fitted_of(IN_MACHINE_CODE, engine) for engine in ("llvm", "xla"))
    tables = [fitted.parameters.tables["user"] for fitted in (by_llvm, by_xla)]
    np.testing.assert_allclose(*tables, rtol=1e-3, atol=1e-5)


def test_what_machine_code_lacks_is_trained_by_xla_saved_loaded_and_stepped(tmp_path):
    fitted = fitted_of(IN_XLA, "auto")
    fitted.save(tmp_path / "model")
    loaded = rw.load(tmp_path / "model")
    ask = {"userId": ["u1", "u3"]}
    np.testing.assert_array_equal(loaded.predict(ask), fitted.predict(ask))
    assert "cholesky" in str(loaded.program)
    assert loaded.steps({"userId": "u1", "rating": 2.0}) is not None


def test_numbers_that_no_step_can_hold_are_refused_with_their_line():
    with pytest.raises(BadModel, match=r"(?s)gives complex64 at test_expressions.py:\d+.*float32"):
        model_of(lambda u: jnp.abs(jnp.exp(1j * u)).sum()).program()
