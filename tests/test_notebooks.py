"""The notebooks run from end to end on a share of their data, and each model of theirs ends in their table."""

import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
MODELS = {
    "lesson_4_ratings": ["dot product", "biases", "small net"],
    "lesson_5_reviews": [
        "one hidden layer", "convolution", "GloVe, frozen", "GloVe, fine-tuned", "several sizes", "LSTM",
    ],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")  # of Jupyter's own
@pytest.mark.parametrize("name", MODELS)
def test_a_notebook_runs_on_a_share_of_the_data(name, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    monkeypatch.setenv("ROWWISE_SHARE", "0.05")
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs")]  # they are stored without what they print
    notebook.cells.append(nbformat.v4.new_code_cell("import json\nprint(json.dumps(figures))"))
    nbclient.NotebookClient(notebook, timeout=None).execute()
    figures = json.loads(notebook.cells[-1].outputs[0]["text"])
    assert [figure["model"] for figure in figures] == MODELS[name]
    assert all(0 < figure["here"] < 15 for figure in figures)
