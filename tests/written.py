"""Kernels that a test writes by hand: their arguments by names of its own."""

from collections.abc import Callable, Mapping
from typing import Any

import llvmlite.ir as ir

from rowwise.backends.llvm.codegen.example import function
from rowwise.backends.llvm.codegen.signature import Role
from rowwise.backends.llvm.emit.values import Machine
from rowwise.backends.llvm.runtime.compile import Code

ROLES = {"pointer": Role.VALUES, "float": Role.MEAN, "int": Role.KEY, "index": Role.ROOM}


def write(kinds: Mapping[str, str]) -> tuple[Machine, dict[str, Any], Callable[..., None]]:
    """A function to be written, its arguments by name, and what compiles and runs it when it is finished."""
    named = {name: ROLES[kind](name) for name, kind in kinds.items()}
    machine, given = function(ir.Module(), "written", tuple(named.values()))

    def run(**values: Any) -> None:
        kernel = Code(str(machine.builder.module)).function("written", tuple(named.values()))
        kernel({named[name]: value for name, value in values.items()})

    return machine, {name: given[argument] for name, argument in named.items()}, run
