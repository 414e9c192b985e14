"""A trained model in, a WebAssembly module that predicts by it out, with a JSON file of its arguments."""

import json
from pathlib import Path
from typing import Any

from rowwise import inert
from rowwise.backends.llvm.wasm import predict_module
from rowwise.errors import BadOption
from rowwise.program.passes.histories import reading_bags
from rowwise.storage.whole import replaced_whole
from rowwise.trained.trained import Trained

STACK = 1 << 20  # bytes below which the module keeps what it calls its own


def export(trained: Trained, path: str | Path) -> Path:
    """Write the module at `path`, and beside it `path` + ".json": its arguments, the statistics, the tables' shapes.

    The numbers of the tables are in the folder that `save` writes, as safetensors.

    Raises:
        BadOption: the model gives no prediction.
        UnsupportedPrimitive: it does something that has no machine code.
    """
    if trained.program.prediction is None:
        raise BadOption(
            f"{trained.name} gives a loss and no prediction",
            expected="a model that predicts",
            mend="return (prediction, loss) from its function",
        )
    module = predict_module(reading_bags(trained.program))
    with replaced_whole(path) as file:
        file.write(module.code)
    with replaced_whole(f"{path}.json") as file:
        file.write(json.dumps(_told(trained, module.to_dict()), indent=1).encode())
    return Path(path)


def _told(trained: Trained, module: dict[str, Any]) -> dict[str, Any]:
    prediction = trained.program.prediction
    assert prediction is not None
    told = {
        **module,
        "model": trained.name,
        "imports": {"env.__linear_memory": "the memory", "env.__stack_pointer": f"a mutable i32, {STACK}"},
        "first_free_byte": STACK,
        "prediction": list(prediction.shape),
        "means": dict(trained.means),
        "tables": {name: list(table.shape) for name, table in trained.parameters.tables.items()},
    }
    return json.loads(inert.json(json.dumps(told)))
