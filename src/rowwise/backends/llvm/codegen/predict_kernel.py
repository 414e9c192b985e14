"""Program in, the IR of a kernel that predicts out.

define i64 @predict(tables, columns, …, first, last, out)
    for each example from first to last - 1: what the prediction needs is read and run; out holds one row each
"""

import llvmlite.ir as ir

from rowwise.backends.llvm.codegen.example import Example, function
from rowwise.backends.llvm.codegen.signature import Role, Signature, inputs_signature, signature
from rowwise.program.passes.anonymous import Names
from rowwise.program.program import Program


def predict_signature(program: Program) -> Signature:
    read = inputs_signature(program, program.reads([program.prediction]), fitted=True)
    return signature(read, Role.FIRST(), Role.LAST(), Role.OUT())


def predict_ir(program: Program, names: Names | None = None) -> str:
    """Of a fitted model: nothing is drawn, masks of dropout are 1."""
    prediction = program.prediction
    assert prediction is not None
    module = ir.Module()
    machine, given = function(module, "predict", predict_signature(program), names)
    size = prediction.shape[0] if prediction.shape else 1
    with machine.loop(given[Role.LAST()], first=given[Role.FIRST()], name="example") as number:
        example = Example(machine, program, given, number)
        example.read(program.reads([prediction]), fitted=True)
        example.run(program.needed([prediction]))
        machine.copy(
            example.result(prediction, prediction.shape), given[Role.OUT()], offset=machine.times(number, size)
        )
    machine.builder.ret(machine.index(0))
    return str(module)
