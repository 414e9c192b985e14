"""Kernels as WebAssembly: modules that any host takes, and that answer as the kernels here do."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import rowwise as rw
from mends import mends
from rowwise.api import zoo
from rowwise.backends.llvm.wasm import _number, _Reader, predict_module, training_module
from rowwise.errors import BadOption
from trainable import MODELS
from untrained import two_keys

DOCS = Path(__file__).parents[2] / "docs"
EVERY = {**MODELS, "matrix_factorization": zoo.matrix_factorization, "neural_net": zoo.neural_net}


@pytest.fixture(scope="session")
def node():
    found = shutil.which("node")
    if not found:
        pytest.skip("no Node: apt-get install nodejs")

    def run(script, folder):
        done = subprocess.run(
            [found, "--input-type=module", "-e", script], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_a_number_is_read_as_it_was_written():
    for n in (0, 1, 127, 128, 300, 2**32 - 1):
        assert _Reader(_number(n), 0, 99).number() == n


def test_every_module_is_valid_and_asks_its_host_for_memory_and_a_stack_alone(node, tmp_path):
    found = []
    for name, model in EVERY.items():
        for optimizer in ("sgd", "adam"):
            program = model.program(optimizer=optimizer)
            modules = [training_module(program, batch_size=size) for size in (1, 4)]
            modules.append(predict_module(program) if program.prediction else None)
            for k, module in enumerate(filter(None, modules)):
                path = tmp_path / f"{name}-{optimizer}-{k}.wasm"
                path.write_bytes(module.code)
                found.append([path.name, module.function, len(module.arguments)])
    told = node(
        f"""
        import {{ readFileSync }} from "node:fs";
        const found = [];
        for (const [path, name, n] of {json.dumps(found)}) {{
          const module = new WebAssembly.Module(readFileSync(path));
          const asked = WebAssembly.Module.imports(module).map((each) => each.name).sort();
          const env = {{ __linear_memory: new WebAssembly.Memory({{ initial: 32 }}),
                         __stack_pointer: new WebAssembly.Global({{ value: "i32", mutable: true }}, 1 << 20) }};
          const run = new WebAssembly.Instance(module, {{ env }}).exports[name];
          found.push([asked.every((each) => each in env), run.length === n]);
        }}
        console.log(JSON.stringify(found));
        """,
        tmp_path,
    )
    assert len(told) > 60
    assert all(asks and takes for asks, takes in told)


def test_the_code_of_the_docs_predicts_in_another_language_what_python_predicts(node, tmp_path):
    fitted = two_keys()
    fitted.export(tmp_path / "model.wasm")
    pairs = {"userId": [1, 4, 9, 99], "filmId": ["film 0", "film 2", "film 7", "film 1"]}
    rows = {column: fitted.vocabularies[column].rows(ids).tolist() for column, ids in pairs.items()}
    tables = {name: table.ravel().tolist() for name, table in fitted.parameters.tables.items()}
    (tmp_path / "numbers.json").write_text(json.dumps({"tables": tables, "examples": rows}))
    script = re.search(r"```js\n(.*?)```", (DOCS / "export.md").read_text(encoding="utf-8"), re.S)
    assert script
    with pytest.warns(UserWarning, match="userId of 1 of 4"):
        predicted = fitted.predict(pairs)
    np.testing.assert_allclose(node(script[1], tmp_path), predicted, rtol=1e-5)


def test_the_same_model_gives_the_same_module(tmp_path):
    first, second = (two_keys().export(tmp_path / name) for name in ("a.wasm", "b.wasm"))
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) < 1000


def test_no_name_of_the_model_is_in_the_code(tmp_path):
    code = two_keys().export(tmp_path / "model.wasm").read_bytes()
    assert b"film" not in code
    assert b"user" not in code


@mends("return (prediction, loss) from its function")
def test_a_model_without_a_prediction_has_nothing_to_export(tmp_path):
    @rw.model()
    def loss_only(user=rw.Row("userId", 2), item=rw.Row("itemId", 2)):
        return (user @ item - 1) ** 2

    data = {"userId": [1, 2], "itemId": [1, 2]}
    fitted = loss_only.fit(data, epochs=1, validation=None)
    with pytest.raises(BadOption, match="a loss and no prediction"):
        fitted.export(tmp_path / "model.wasm")
    assert not (tmp_path / "model.wasm").exists()

    @rw.model()
    def both(user=rw.Row("userId", 2), item=rw.Row("itemId", 2)):
        return user @ item, (user @ item - 1) ** 2

    assert both.fit(data, epochs=1, validation=None).export(tmp_path / "model.wasm").exists()
