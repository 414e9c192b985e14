"""Contestants timed turn by turn, so that a noisy machine is noisy for all of them; results kept as JSON."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    facts = [line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line]
    processor = {name.strip(): value.strip() for name, value in facts}
    names = ("rowwise", "numpy", "jax", "llvmlite", "numba", "cornac", "libmf", "scikit-surprise", "implicit", "keras")
    return {
        "processor": processor.get("model name", platform.processor()),
        "cores": len(os.sched_getaffinity(0)),
        "avx512": "avx512f" in processor.get("flags", ""),
        "python": platform.python_version(),
        "versions": {name: found for name in names if (found := _version(name))},
        "copy_gb_per_s": round(copy_bandwidth(), 1),
        "load_before": os.getloadavg()[0],
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def copy_bandwidth() -> float:
    """Bytes read and written per second when one core copies memory far beyond the cache, in GB/s: the best of 5."""
    source = np.ones(1 << 26, np.float32)
    target = np.empty_like(source)
    return max(2 * source.nbytes / seconds(lambda: np.copyto(target, source)) for _ in range(5)) / 1e9


def seconds(run: Callable[[], Any]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def alternate(contestants: Mapping[str, Callable[[], Any]], *, rounds: int = 7) -> dict[str, list[float]]:
    """Seconds of each contestant in each round, A B A B …, after one call that is not counted."""
    for run in contestants.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            times[name].append(seconds(run))
    return times


def ratios(slow: list[float], fast: list[float]) -> dict[str, float]:
    """How many times as fast, pair by pair: median, lowest, highest."""
    pairs = [a / b for a, b in zip(slow, fast, strict=True)]
    return {"median": statistics.median(pairs), "lowest": min(pairs), "highest": max(pairs)}


def rates(times: list[float], count: float) -> dict[str, float]:
    """Million things a second: median, lowest, highest."""
    return {
        "median": count / statistics.median(times) / 1e6,
        "lowest": count / max(times) / 1e6,
        "highest": count / min(times) / 1e6,
    }


def show(figures: Mapping[str, float], unit: str = "") -> str:
    """ "51.2 (48.0–52.1) M/s"."""
    return f"{figures['median']:.3g} ({figures['lowest']:.3g}–{figures['highest']:.3g}){unit}"


def keep(question: str, runs: list[dict[str, Any]]) -> None:
    """Write the runs of one question to results/<question>.json, with the machine."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{question}.json"
    path.write_text(json.dumps({"machine": machine(), "runs": runs}, indent=1) + "\n")
    print(f"kept in {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path.name}")
