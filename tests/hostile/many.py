"""`python tests/hostile/many.py folders 100000`: so many hostile folders; `… folders 7 8`: cases 7 up to 8.

The same for `bombs`, `data_files`, `workbooks` and `commands`.

Prints how many of each outcome there were, and the first of each kind of failure.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from limits import GOOD, outcomes  # noqa: E402 (beside this file)

from models import save_all  # noqa: E402

if __name__ == "__main__":
    cases_of, *numbers = sys.argv[1:]
    first, last = map(int, numbers) if len(numbers) > 1 else (0, int(numbers[0]))
    with tempfile.TemporaryDirectory() as place:
        save_all(Path(place) / "models")
        began = time.perf_counter()
        found = outcomes(HERE / f"{cases_of}.py", range(first, last), HOSTILE_MODELS=str(Path(place) / "models"))
    print(dict(Counter(o.kind for o in found)), f"in {time.perf_counter() - began:.0f} s")
    shown: set[str] = set()
    for outcome in found:
        key = outcome.said[-200:]
        if outcome.kind not in GOOD and key not in shown:
            shown.add(key)
            print(f"\ncase {outcome.case}, {outcome.kind}:\n{outcome.said}")
