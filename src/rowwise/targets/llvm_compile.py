"""Text of LLVM IR in, C functions out: compiled for the machine it runs on, once for each text.

The functions are called through ctypes, which lets go of Python's lock while they run.
"""

import ctypes
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import llvmlite.binding as llvm
import numpy as np

KINDS = {"pointer": ctypes.c_void_p, "float": ctypes.c_float, "int": ctypes.c_uint32, "index": ctypes.c_int64}


class Kernel:
    """A compiled function whose arguments have names; called with their arrays and numbers."""

    def __init__(self, text: str, name: str, arguments: Mapping[str, str]):
        self._engine = _compiled(text)
        self._names = tuple(arguments)
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, *(KINDS[a] for a in arguments.values()))
        self._function = kind(self._engine.get_function_address(name))

    def __call__(self, values: Mapping[str, Any]) -> int:
        """What the function returns; `values` may hold more than it reads."""
        return self._function(*(_address(values[name]) for name in self._names))


def addresses(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with each array as its address, found once for many calls. Whoever asks keeps the arrays alive."""
    return {name: _address(value) for name, value in values.items()}


def _address(value: Any) -> Any:
    return value.ctypes.data if isinstance(value, np.ndarray) else value


@lru_cache(maxsize=64)
def _compiled(text: str) -> Any:
    engine = llvm.create_mcjit_compiler(optimized(text), _machine())
    engine.finalize_object()
    return engine


def optimized(text: str) -> Any:
    """The module of `text`, checked, and improved by LLVM for this machine."""
    machine = _machine()
    module = llvm.parse_assembly(text)
    module.verify()
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    passes.getModulePassManager().run(module, passes)
    return module


def assembly(text: str) -> str:
    """What the machine runs for a module's text."""
    return _machine().emit_assembly(optimized(text))


def _machine() -> Any:
    """This machine as LLVM reports it. Full-width registers are used where it has them."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features()
    flags = features.flatten() + (",-prefer-256-bit" if features.get("avx512f") else "")
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=flags, opt=3, jit=True)
