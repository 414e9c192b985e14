"""Does the code of the 2016 course, run as it stands, end at the errors that the course showed?

The notebooks of `examples/` on the whole data, and their tables in one file: mean squared error on a fifth of MovieLens
small for the ratings, accuracy on the 25,000 test reviews of IMDb for the texts. Names of notebooks as arguments run
those alone; the others' figures stay as they were.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from harness import RESULTS, keep
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parent.parent / "examples"
LESSONS = ("lesson_4_ratings", "lesson_5_reviews")


def figures(lesson: str) -> Iterator[list[dict[str, Any]]]:
    """The table of a notebook, as long as it is after each cell, with the seconds until then."""
    notebook = nbformat.read(EXAMPLES / f"{lesson}.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=None, resources={"metadata": {"path": str(EXAMPLES)}})
    began = time.perf_counter()
    with client.setup_kernel():
        for k, cell in enumerate(list(notebook.cells)):
            client.execute_cell(cell, k)
            asked = nbformat.v4.new_code_cell("import json\nprint(json.dumps(globals().get('figures', [])))")
            notebook.cells.append(asked)
            found = json.loads(client.execute_cell(asked, len(notebook.cells) - 1)["outputs"][0]["text"])
            seconds = round(time.perf_counter() - began)
            yield [{"lesson_of_2016": lesson, **figure, "notebook_seconds": seconds} for figure in found]


def main() -> None:
    """The file is written after each model, so that a run cut short keeps what it has."""
    for lesson in sys.argv[1:] or LESSONS:
        there, told = RESULTS / "course.json", 0
        before = json.loads(there.read_text())["runs"] if there.exists() else []
        others = [run for run in before if run["lesson_of_2016"] != lesson]
        for runs in figures(lesson):
            for run in runs[told:]:
                print(f"{run['model']:<20} {run['lesson']!s:>12} {run['here']:.4f}", flush=True)
                keep("course", sorted([*others, *runs], key=lambda run: run["lesson_of_2016"]))
            told = len(runs)


if __name__ == "__main__":
    main()
