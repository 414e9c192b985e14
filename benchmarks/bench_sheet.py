"""How long does a workbook take to write, and how large is it: the default one, and one of 100,000 formulas?

The model is matrix factorization with 5 factors, one epoch on MovieLens small. Every formula comes with its value.
"""

import re
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from harness import keep

import rowwise as rw
from rowwise.api.zoo import matrix_factorization
from rowwise.models.words import Row

REPEATS = 3
GRIDS = {"default": {}, "100,000 formulas": {"users": 225, "films": 225}}


def main() -> None:
    data = rw.datasets.movielens_small()
    model = matrix_factorization.replace(
        user=Row("userId", 5), item=Row("movieId", 5), user_bias=Row("userId"), item_bias=Row("movieId")
    )
    fitted = model.fit(data.ratings, optimizer="adam", epochs=1, progress=False)
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.xlsx")
        for name, options in GRIDS.items():
            for _ in range(REPEATS):
                began, worked = time.perf_counter(), time.process_time()
                fitted.sheet(path, data=data.ratings, items=data.movies, **options)
                seconds, processor = time.perf_counter() - began, time.process_time() - worked
                runs.append({"workbook": name, "seconds": seconds, "processor_seconds": processor, **measured(path)})
                print(f"{name}: {told(runs[-1])}")
    keep("sheet", runs)


def measured(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as file:
        pages = [name for name in file.namelist() if re.match(r"xl/worksheets/sheet\d+\.xml", name)]
        formulas = sum(file.read(page).count(b"<f>") for page in pages)
    return {"formulas": formulas, "megabytes": path.stat().st_size / 1e6}


def told(run: dict[str, Any]) -> str:
    return (
        f"{run['formulas']:,} formulas, {run['seconds']:.1f} s ({run['processor_seconds']:.1f} s of processor), "
        f"{run['megabytes']:.1f} MB"
    )


if __name__ == "__main__":
    main()
