"""How soon does a process that has just begun answer from a saved model, and how much of that is Rowwise?

python bench_first_answer.py     results/first_answer.json

Processor time of new processes, turn by turn. Every answer stands on NumPy and Polars: their import is measured beside
it. The first turn writes the bytecode, as an installation does, and is not counted.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from harness import keep

import rowwise as rw

ROUNDS = 9
PAIR = {"userId": [15], "movieId": [1]}
RUNS = {
    "import numpy, polars": "import numpy, polars",
    "load": "import rowwise; rowwise.load(folder)",
    "load, predict": f"import rowwise; rowwise.load(folder).predict({PAIR})",
    "load, recommend": "import rowwise; rowwise.load(folder).recommend(15)",
    "load, similar": "import rowwise; rowwise.load(folder).similar(1)",
    "import jax": "import jax",
}


def processor_seconds(code: str, folder: Path, bytecode: Path) -> float:
    """Of one new process, from its beginning to its answer."""
    told = f"import sys, time\nfolder = sys.argv[1]\n{code}\nprint(time.process_time())"
    here = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-X", f"pycache_prefix={bytecode}", "-c", told, str(folder)]
    return float(subprocess.run(command, env=here, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    ratings = rw.datasets.movielens_small().ratings
    fitted = rw.Recommender(user="userId", item="movieId", target="rating", epochs=2).fit(ratings).fitted_
    times: dict[str, list[float]] = {name: [] for name in RUNS}
    with tempfile.TemporaryDirectory() as temporary:
        folder, bytecode = Path(temporary) / "model", Path(temporary) / "bytecode"
        fitted.save(folder)
        for turn in range(ROUNDS + 1):
            for name, code in RUNS.items():
                taken = processor_seconds(code, folder, bytecode)
                if turn:
                    times[name].append(taken)
    figures = {name: {"median": median(t), "lowest": min(t), "highest": max(t)} for name, t in times.items()}
    for name, figure in figures.items():
        print(f"{name:22} {figure['median']:.3f} s ({figure['lowest']:.3f}–{figure['highest']:.3f})")
    keep("first_answer", [{"model": "the demo's", "rounds": ROUNDS, "processor_seconds": figures}])


if __name__ == "__main__":
    main()
