"""Text of LLVM IR in, machine code out: functions of the machine it runs on, or the object code of any processor.

The functions are called through ctypes, which lets go of Python's lock while they run. Of a module nothing is kept but
its code, and that for as long as one of its functions.
"""

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from rowwise.backends.llvm.codegen.signature import Argument, Signature

KINDS = {"pointer": ctypes.c_void_p, "float": ctypes.c_float, "int": ctypes.c_uint32, "index": ctypes.c_int64}
Given = Mapping[Argument, Any]  # arrays, addresses and numbers


@dataclass(frozen=True, slots=True)
class Processor:
    """What code is made for: LLVM's names of a kind of machine, of a processor and of what it can do."""

    triple: str
    cpu: str = ""
    features: str = ""

    @classmethod
    def here(cls) -> "Processor":
        """This machine as LLVM reports it. Full-width registers are used where it has them."""
        features = llvm.get_host_cpu_features()
        flags = features.flatten() + (",-prefer-256-bit" if features.get("avx512f") else "")
        return cls(llvm.get_default_triple(), llvm.get_host_cpu_name(), flags)

    def machine(self) -> Any:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
        target = llvm.Target.from_triple(self.triple)
        return target.create_target_machine(cpu=self.cpu, features=self.features, opt=3, jit=True)


class Code:
    """The functions of one module, in memory."""

    def __init__(self, text: str):
        # The compiler is given an empty module and the finished code: what LLVM knew of the text is gone by then.
        machine = Processor.here().machine()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(object_code(text)))
        self._engine.finalize_object()

    def function(self, name: str, signature: Signature) -> "Kernel":
        return Kernel(self, name, signature)

    def address(self, name: str) -> int:
        return self._engine.get_function_address(name)


class Kernel:
    """A function of some code, called with what its arguments stand for."""

    def __init__(self, code: Code, name: str, signature: Signature):
        self._code = code  # which lives as long as this
        self._signature = signature
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, *(KINDS[argument.kind] for argument in signature))
        self._function = kind(code.address(name))

    def __call__(self, given: Given) -> int:
        """What the function returns; `given` may hold more than it reads."""
        return self._function(*(_address(given[argument]) for argument in self._signature))


def addresses(given: Given) -> dict[Argument, Any]:
    """`given` with each array as its address, found once for many calls. Whoever asks keeps the arrays alive."""
    return {argument: _address(value) for argument, value in given.items()}


def _address(value: object) -> Any:
    return value.ctypes.data if isinstance(value, np.ndarray) else value


def object_code(text: str, processor: Processor | None = None) -> bytes:
    """An object file of a module's text."""
    machine = (processor or Processor.here()).machine()
    with optimized(text, machine) as module:
        return machine.emit_object(module)


def assembly(text: str, processor: Processor | None = None) -> str:
    """What a processor runs for a module's text, for people."""
    machine = (processor or Processor.here()).machine()
    with optimized(text, machine) as module:
        return machine.emit_assembly(module)


@contextmanager
def optimized(text: str, machine: Any) -> Iterator[Any]:
    """The module of `text`, checked, and improved by LLVM for a machine.

    It has a context of its own: in the common one its constants and types would stay for good.
    """
    context = llvm.create_context()
    module = llvm.parse_assembly(text, context)
    try:
        module.triple, module.data_layout = machine.triple, str(machine.target_data)
        module.verify()
        passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
        passes.getModulePassManager().run(module, passes)
        yield module
    finally:
        module.close()
        context.close()
