"""What Rowwise needs of JAX's less stable parts, one by one: of what a version of JAX lacks, the name is said here."""

import ast
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rowwise
from rowwise.capture.jaxpr import CALLS, CUSTOM, Equation, Traced, Walker, trace

ROOT = Path(rowwise.__file__).parent
INSIDES = {"eqns", "invars", "outvars", "constvars", "aval", "name_stack", "source_info", "source_info_util",
           "debug_info", "get_bind_params", "ClosedJaxpr", "make_jaxpr"}  # fmt: skip
MODULES = ("jax.core", "jax.extend", "jax._src", "jax.interpreters")

VECTOR = np.arange(3, dtype=np.float32)
TABLE = np.float32([2, 3, 5])


def equations(function, *arrays):
    """Every operation of a function, calls inlined, and whatever stands for its outputs."""

    class Seen(Walker[str, str]):
        def __init__(self):
            self.operations = []

        def known(self, array):
            return f"known {array.tolist()}"

        def place(self, equation, outer):
            return outer or equation.name

        def operation(self, equation, args, place):
            self.operations.append((equation, args, place))
            return [f"%{len(self.operations)}"] * len(equation.gives)

    seen, (traced, _) = Seen(), trace(function, *arrays)
    outputs = seen.walk(traced, [f"input{k}" for k in range(len(traced.inputs))], "")
    return seen.operations, outputs


def first(function, *arrays) -> Equation:
    return equations(function, *arrays)[0][0][0]


def test_only_one_module_looks_inside_of_what_jax_traced():
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & INSIDES
        imports = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        imports += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names |= {name for name in imports if name.startswith(MODULES)}
        if names:
            found[path.relative_to(ROOT).as_posix()] = names
    assert list(found) == ["capture/jaxpr.py"]


def test_a_traced_function_tells_the_shapes_and_types_of_its_inputs_and_of_what_it_gives():
    traced, shapes = trace(lambda x, n: {"sum": x.sum() + n}, VECTOR, np.int32(1))
    assert traced.inputs == [((3,), "float32"), ((), "int32")]
    assert (shapes["sum"].shape, str(shapes["sum"].dtype)) == ((), "float32")


def test_an_equation_has_a_name_and_parameters_and_tells_what_it_gives():
    equation = first(lambda x: jax.lax.rev(x, (0,)), VECTOR)
    assert (equation.name, equation.params["dimensions"]) == ("rev", (0,))
    assert equation.gives == [((3,), "float32")]


def test_numbers_that_a_function_closes_over_and_writes_are_known():
    (product, total), _ = equations(lambda x: x * TABLE + 7.0, VECTOR)
    assert sorted(product[1]) == ["input0", "known [2.0, 3.0, 5.0]"]
    assert "known 7.0" in total[1]


def of_custom_jvp(x):
    @jax.custom_jvp
    def f(x):
        return jnp.sin(x)

    f.defjvp(lambda primals, tangents: (f(*primals), tangents[0]))
    return f(x)


def of_custom_vjp(x):
    @jax.custom_vjp
    def f(x):
        return jnp.sin(x)

    f.defvjp(lambda x: (f(x), None), lambda _, given: (given,))
    return f(x)


CALLED = {"jit": jax.jit(jnp.sin), "checkpoint": jax.checkpoint(jnp.sin), "custom_jvp": of_custom_jvp,
          "custom_vjp": of_custom_vjp, "a call in a call": jax.jit(lambda x: jax.jit(jnp.sin)(x))}  # fmt: skip


@pytest.mark.parametrize("name", CALLED)
def test_a_call_is_inlined_and_its_place_is_handed_down(name):
    traced, _ = trace(CALLED[name], VECTOR)
    ((equation, args, place),), outputs = equations(CALLED[name], VECTOR)
    assert (equation.name, args, outputs) == ("sin", ["input0"], ["%1"])
    assert place in CALLS | CUSTOM
    assert len(traced.inputs) == 1


def test_the_derivative_of_a_call_is_inlined():
    names = {equation.name for equation, _, _ in equations(jax.grad(lambda x: jax.jit(jnp.sin)(x).sum()), VECTOR)[0]}
    assert "cos" in names
    assert not names & (CALLS | CUSTOM)


def test_a_loop_is_one_operation_whose_body_tells_its_inputs_and_its_name():
    def add_up(total, x):
        return total + x, total

    (loop,) = [e for e, *_ in equations(lambda xs: jax.lax.scan(add_up, 0.0, xs), VECTOR)[0] if e.name == "scan"]
    assert loop.body.inputs == [((), "float32")] * 2
    assert loop.body.name == "add_up"
    assert {"length", "reverse", "num_consts", "num_carry"} <= {*loop.params}


def test_a_choice_tells_its_branches():
    (choice,) = [
        e for e, *_ in equations(lambda x: jax.lax.cond(x[0] > 0, jnp.sin, jnp.cos, x), VECTOR)[0] if e.name == "cond"
    ]
    assert [type(branch) for branch in choice.branches] == [Traced] * 2


def test_an_equation_can_be_run_again_with_other_parameters():
    equation = first(lambda x: jnp.sum(x, axis=0), np.ones((3, 2), np.float32))
    (summed,) = equation.run([np.ones((3, 2), np.float32)], axes=(1,))
    np.testing.assert_array_equal(summed, [2, 2, 2])


@pytest.mark.parametrize("name", [name for name in CALLED if name.startswith("custom")])
def test_a_call_with_its_own_derivative_can_be_run_as_one_operation(name):
    class Whole(Walker):
        whole = frozenset(CUSTOM)

        def known(self, array):
            return array

        def operation(self, equation, args, place):
            return equation.run(args)

    traced, _ = trace(CALLED[name], VECTOR)
    gradient = jax.grad(lambda x: Whole().walk(traced, [x], None)[0].sum())(jnp.asarray(VECTOR))
    np.testing.assert_array_equal(gradient, [1, 1, 1])  # the derivative that was declared, not the cosine


def test_an_equation_knows_the_scope_and_the_lines_it_was_written_at_and_can_lend_them():
    def written_here(x):
        with jax.named_scope("⟨part: one⟩"):
            return jnp.sin(x)

    source = first(written_here, VECTOR).source
    assert "⟨part: one⟩" in source.scopes
    assert "test_needs_of_jax.py" in source.line
    assert "written_here" in source.line
    assert any("written_here" in line for line in source.lines())

    def lent(x):
        with source.again("⟨part: two⟩"):
            return jnp.cos(x)

    later = first(lent, VECTOR).source
    assert "⟨part: two⟩" in later.scopes
    assert "written_here" in later.line


def test_an_operation_that_indexes_tells_its_axes_and_its_mode():
    gather = next(e for e, *_ in equations(lambda x: x.at[np.array([1, 7])].get(mode="fill", fill_value=0), VECTOR)[0]
                  if e.name == "gather")  # fmt: skip
    told = gather.params["dimension_numbers"]
    assert (told.offset_dims, told.collapsed_slice_dims, told.start_index_map) == ((), (0,), (0,))
    assert (told.operand_batching_dims, told.start_indices_batching_dims) == ((), ())
    assert (gather.params["mode"].name, gather.params["fill_value"]) == ("FILL_OR_DROP", 0)
    assert gather.params["slice_sizes"] == (1,)
    scatter = next(e for e, *_ in equations(lambda x: x.at[np.array([1, 2])].set(x[:2], mode="clip"), VECTOR)[0]
                   if e.name == "scatter")  # fmt: skip
    told = scatter.params["dimension_numbers"]
    assert (told.update_window_dims, told.inserted_window_dims, told.scatter_dims_to_operand_dims) == ((), (0,), (0,))
    assert (told.operand_batching_dims, told.scatter_indices_batching_dims) == ((), ())
    assert scatter.params["mode"].name == "CLIP"
