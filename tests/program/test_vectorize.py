"""Several examples at once are the same numbers as one after another, for whatever a function may do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings

import rowwise as rw
from rowwise.backends import reference
from rowwise.program.passes.vectorize import RULES, SHARE, vectorize
from trainable import LINES, MODELS, written

N = 3
PLACES = jnp.array([2, 0, 0, 1])


def model(function):
    """A model of a row, a matrix and numbers of the example; `function(row, matrix, numbers)` gives its score."""

    def score(row=rw.Row("id", 4), matrix=rw.Weight((4, 3)), numbers=rw.Value("numbers", 3)):
        return jnp.sum(function(row, matrix, numbers))

    return rw.model(target="y", loss=rw.squared_error)(score)


FUNCTIONS = {
    "row by matrix": lambda r, m, v: r @ m,
    "matrix by numbers": lambda r, m, v: m @ v,
    "both sides": lambda r, m, v: r @ m @ v,
    "outer products": lambda r, m, v: jnp.outer(r, v) * m,
    "a matrix by a matrix of each": lambda r, m, v: m.T @ jnp.outer(r, v) @ m.T,
    "paired axes": lambda r, m, v: jnp.einsum("ij,ik->ijk", jnp.outer(r, v), jnp.outer(r, r)),
    "moves": lambda r, m, v: jnp.concatenate([jnp.flip(r)[1:], jnp.stack([v, v * 2], 1).T.ravel()[::2]]),
    "padding": lambda r, m, v: jax.lax.pad(r, 1.0, [(1, 2, 1)]) ** 2,
    "fixed places": lambda r, m, v: v[PLACES] * r,
    "fixed places of what is shared": lambda r, m, v: m[:, 0][PLACES] * r,
    "computed places": lambda r, m, v: r[jnp.argmax(v)] * m[jnp.argmin(v)],
    "sorted": lambda r, m, v: jnp.sort(r) * jnp.arange(4.0) + jnp.cumsum(r) * jax.lax.cummax(r),
    "reductions": lambda r, m, v: r.max() * v.min() + r.prod() + jnp.all(r > -9) * v.mean(),
    "choices": lambda r, m, v: jnp.where(v > 0, v, m[0]) + jnp.where(r[0] > 0, r[1], r[2]) * v,
    "numbers of it alone": lambda r, m, v: jnp.sum(m**2) * r,
}


def values_of(program, seed=0):
    """For each input, numbers for N examples, or those that all share."""
    random = np.random.default_rng(seed)

    def drawn(i):
        shape = i.value.shape if i.is_shared else (N, *i.value.shape)
        if i in program.constants:
            return np.asarray(i.numbers)
        return random.integers(0, 2, shape) if i.value.dtype == "int32" else random.normal(size=shape)

    return {i.value.name: drawn(i) for i in program.inputs}


def agrees(program):
    together, given_ = vectorize(program, N), values_of(program)
    share = np.array([0.5, 0.25, 0.0])
    known = given_ | {SHARE: share} | {i.value.name: np.asarray(i.numbers) for i in together.constants}
    found = reference.walk(together.steps, known)
    number = lambda operand: reference.number(found, operand)  # noqa: E731
    each = [
        reference.run(program, {i.value.name: given_[i.value.name] if i.is_shared else given_[i.value.name][k]
                                for i in program.inputs if i not in program.constants})
        for k in range(N)
    ]  # fmt: skip

    def close(one, other):
        np.testing.assert_allclose(*np.broadcast_arrays(one, other), rtol=1e-9, atol=1e-12)

    close(number(together.losses), [reference.number(one, program.loss) for one in each])
    for name, gradient in program.gradients.items():
        of_each = [s * reference.number(one, gradient) for s, one in zip(share, each, strict=True)]
        if program.input(name).is_shared:
            close(number(together.sums[name]), sum(of_each))
        else:
            close(number(together.gradients[name]), of_each)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whatever_a_function_does_is_done_for_several_examples(name):
    agrees(model(FUNCTIONS[name]).program(optimizer="sgd"))


@pytest.mark.parametrize("name", MODELS)
def test_every_word_gives_numbers_for_several_examples(name):
    agrees(MODELS[name].program(optimizer="sgd"))


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(LINES)
def test_random_programs_agree(lines):
    agrees(written(lines).program(optimizer="sgd"))


def test_these_functions_use_every_rule():
    programs = [model(function).program(optimizer="sgd") for function in FUNCTIONS.values()]
    used = {step.primitive for program in programs for step in program.steps}
    assert set(RULES.values()) - {RULES[primitive] for primitive in used} == set()
