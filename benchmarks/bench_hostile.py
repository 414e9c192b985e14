"""How long does a hostile folder take, and how much memory? And what becomes of thousands of them?

`python benchmarks/bench_hostile.py 5000`: so many random ones, after each folder that asks for a year of work.
"""

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from harness import keep, seconds

HOSTILE = Path(__file__).parents[1] / "tests" / "hostile"
sys.path[:0] = [str(HOSTILE), str(HOSTILE.parent)]
from limits import GOOD, outcomes  # noqa: E402 (beside the tests)

from models import save_all  # noqa: E402


def bombs(place: Path, n: int) -> list[dict]:
    """Of each of the `n` bombs: seconds of a processor and megabytes until it was refused."""
    figures = place / "figures.jsonl"
    found = outcomes(
        HOSTILE / "bombs.py", range(n), workers=1, HOSTILE_MODELS=str(place / "models"), HOSTILE_FIGURES=str(figures)
    )
    assert {o.kind for o in found} == {"refused"}, next(o for o in found if o.kind != "refused")
    return [json.loads(line) for line in figures.read_text().splitlines()]


def folders(place: Path, n: int) -> dict:
    """How many of `n` random hostile folders were refused, and answered as the definition does; failures by kind."""
    found = []
    took = seconds(
        lambda: found.extend(outcomes(HOSTILE / "folders.py", range(n), HOSTILE_MODELS=str(place / "models")))
    )
    kinds = Counter(o.kind for o in found)
    return {"cases": n, **kinds, "failures": sum(k for kind, k in kinds.items() if kind not in GOOD), "seconds": took}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        save_all(Path(temporary) / "models")
        taken = bombs(Path(temporary), (HOSTILE / "bombs.py").read_text().split("BOMBS = {")[1].count('\n    "'))
        for figure in sorted(taken, key=lambda figure: -figure["seconds"]):
            print(f"{figure['seconds']:7.3f} s {figure['megabytes']:7.1f} MB  {figure['case']}")
        cases = folders(Path(temporary), int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
        print(cases)
    keep("hostile", [{"bombs": taken}, {"folders": cases}])
