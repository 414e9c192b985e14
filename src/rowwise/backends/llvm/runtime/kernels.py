"""A program without names in, its compiled kernels out, kept for the next that asks: by the program's digest.

What falls out of a cache is gone with its machine code, unless an engine still runs it. A search over models of many
shapes in one process needs no more memory than the last few of them.
"""

from functools import lru_cache

from rowwise.backends.llvm.codegen.batch_kernel import batch_ir
from rowwise.backends.llvm.codegen.buffers import apply_signature, batches_signature, gradients_signature
from rowwise.backends.llvm.codegen.online_kernel import online_ir, online_signature
from rowwise.backends.llvm.codegen.predict_kernel import predict_ir, predict_signature
from rowwise.backends.llvm.runtime.compile import Code, Kernel
from rowwise.program.program import Program

KEPT = 8  # kernels of each kind


@lru_cache(maxsize=KEPT)
def online_kernel(program: Program) -> Kernel:
    return Code(online_text(program)).function("online", online_signature(program))


@lru_cache(maxsize=KEPT)
def batch_kernels(program: Program) -> tuple[Kernel, Kernel, Kernel]:
    """Whole batches; the gradients of a piece of one; one piece of the tables moved."""
    code = Code(batch_text(program))
    return (
        code.function("batches", batches_signature(program)),
        code.function("gradients", gradients_signature(program)),
        code.function("apply", apply_signature(program)),
    )


@lru_cache(maxsize=KEPT)
def predict_kernel(program: Program) -> Kernel:
    return Code(predict_text(program)).function("predict", predict_signature(program))


# Texts are asked for twice: by whether there is one, and by the kernel.
online_text, batch_text, predict_text = (lru_cache(maxsize=2)(text) for text in (online_ir, batch_ir, predict_ir))
