"""Do a hundred million ratings train on a small machine, and how much memory does it take?

1 million users, 100,000 items, 32 factors, power-law ratings made on the spot. Peak memory is that of the process,
less what it had before the data, beside the bytes of examples, tables and optimizer state. `--examples` makes it
smaller.
"""

import argparse
import gc
import threading
import time

import numpy as np
from harness import keep, seconds
from ratings import synthetic

from models import Trainer, matrix_factorization


class Peak:
    """The most memory the process held at once, in bytes, sampled while the context is open."""

    def __enter__(self) -> "Peak":
        self.bytes, self.open = resident(), True
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def _watch(self) -> None:
        while self.open:
            self.bytes = max(self.bytes, resident())
            time.sleep(0.02)

    def __exit__(self, *_: object) -> None:
        self.open = False
        self.thread.join()


def resident() -> int:
    """Bytes of memory that the process holds now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=100_000_000)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    n, held = options.examples, 1_000_000

    tiny, _ = synthetic(1000, n_users=100, n_items=100)
    model = matrix_factorization(32, l2=0.03)
    Trainer(model, tiny.examples(), {"userId": 101, "itemId": 101}, {"mean": 3.5}, 0.01).epoch()  # libraries loaded
    gc.collect()
    before = resident()
    whole, floor = synthetic(n + held, n_users=1_000_000, n_items=100_000)
    train, test = whole.take(slice(held, None)), whole.take(slice(0, held))  # views, no copy
    with Peak() as peak:
        mean = {"mean": float(train.ratings.mean(dtype=np.float64))}
        examples = train.examples()
        trainer = Trainer(model, examples, {"userId": 1_000_001, "itemId": 100_001}, mean, 0.01, threads=2)
        times = []
        for _ in range(options.epochs):
            times.append(seconds(trainer.epoch))
            print(f"epoch {len(times)}: {times[-1]:.1f} s, {n / times[-1] / 1e6:.1f} M/s", flush=True)
    needed = 12 * (n + held) + sum(a.nbytes for a in trainer.parameters.arrays().values())
    run = {
        "examples": n,
        "users": 1_000_000,
        "items": 100_000,
        "factors": 32,
        "threads": 2,
        "epoch_s": times,
        "needed_gb": needed / 1e9,
        "peak_gb": (peak.bytes - before) / 1e9,
        "peak_over_needed": (peak.bytes - before) / needed,
        "test_mse": trainer.mse(test.examples()),
        "floor": floor,
    }
    print(
        f"peak {run['peak_gb']:.2f} GB for {run['needed_gb']:.2f} GB of examples and tables "
        f"({run['peak_over_needed']:.2f} ×), test MSE {run['test_mse']:.4f}, floor {floor:.4f}"
    )
    keep("scale", [run])


if __name__ == "__main__":
    main()
