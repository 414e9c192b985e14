"""Program in, the IR of a kernel that predicts out.

define i64 @predict(tables, columns, …, first, last, out)
    for each example from first to last - 1: what the prediction needs is read and run; out holds one row each
"""

import llvmlite.ir as ir

from rowwise.program.program import Program
from rowwise.targets.llvm_example import Arguments, Example, arguments, function


def predict_arguments(program: Program) -> Arguments:
    made = arguments(program, program.reads([program.prediction]), fitted=True)
    return made | {"the first": "index", "the last": "index", "the out": "pointer"}


def predict_ir(program: Program) -> str:
    """Of a fitted model: nothing is drawn, masks of dropout are 1."""
    prediction = program.prediction
    assert prediction is not None
    module = ir.Module(name=program.name)
    machine, given = function(module, "predict", predict_arguments(program))
    size = prediction.shape[0] if prediction.shape else 1
    with machine.loop(given["the last"], first=given["the first"], name="example") as number:
        example = Example(machine, program, given, number)
        example.read(program.reads([prediction]), fitted=True)
        example.run(program.needed([prediction]))
        machine.copy(example.result(prediction, prediction.shape), given["the out"], offset=machine.times(number, size))
    machine.builder.ret(machine.index(0))
    return str(module)
