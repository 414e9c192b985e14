"""Hostile cases run in processes of their own, under limits of time and memory; what became of each.

A module of cases is a file with a function `attempt(case: int) -> str`: it makes the input that a number stands for,
gives it to Rowwise and says "answered"; a wrong answer is an AssertionError. `outcomes` runs many of them:

    refused     a RowwiseError of three lines
    answered    `attempt` came back
    wrong       an answer that differs from the definition
    traceback   any other exception
    killed      the process died or ran out of its time; what it said last is kept
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

GOOD = ("refused", "answered")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case."""

    case: int
    kind: str
    said: str


def outcomes(
    cases_of: Path,
    cases: Iterable[int],
    *,
    seconds: int = 20,
    megabytes: int = 1_500,
    workers: int = 2,
    **settings: str,
) -> list[Outcome]:
    """What became of each case, in order; `seconds` are those of one case, `megabytes` those of a process above its
    start. `settings` are handed to the module of cases as environment variables."""
    cases = list(cases)
    shares = [cases[k::workers] for k in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(lambda share: list(_run(cases_of, share, seconds, megabytes, settings)), shares)
        return sorted((o for some in found for o in some), key=lambda o: o.case)


def _run(cases_of: Path, cases: list[int], seconds: int, megabytes: int, settings: dict[str, str]) -> Iterator[Outcome]:
    """One process after another: each begins with the case after the one that killed the last."""
    environment = {
        **os.environ,
        **settings,
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        "POLARS_MAX_THREADS": "1",
    }
    while cases:
        # A file, and no pipe: the process would wait for us to read, and we for it to read so many numbers.
        with tempfile.TemporaryFile("w+") as errors, tempfile.TemporaryFile("w+") as told:
            told.write("\n".join(map(str, cases)))
            told.seek(0)
            arguments = [sys.executable, __file__, str(cases_of), str(seconds), str(megabytes)]
            with subprocess.Popen(
                arguments, stdin=told, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
            ) as process:
                assert process.stdout is not None
                n_done = 0
                for line in process.stdout:
                    if line.startswith("{"):
                        yield Outcome(**json.loads(line))
                        n_done += 1
            if n_done < len(cases):
                errors.seek(0)
                said = errors.read()[-3_000:]
                yield Outcome(cases[n_done], "killed", f"exit {process.returncode}: {said}")
            cases = cases[n_done + 1 :]


def _attempt(attempt, case: int) -> Outcome:
    from rowwise.errors import RowwiseError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Outcome(case, attempt(case), "")
    except RowwiseError as error:
        if error.given and error.expected and len(str(error).splitlines()) <= 3:
            return Outcome(case, "refused", str(error))
        return Outcome(case, "traceback", f"not three lines: {error}")
    except AssertionError as error:
        return Outcome(case, "wrong", str(error)[:2_000])
    except BaseException:
        return Outcome(case, "traceback", traceback.format_exc()[-3_000:])


def main(cases_of: str, seconds: str, megabytes: str) -> None:
    import faulthandler
    import resource

    sys.path.insert(0, str(Path(__file__).parents[1]))
    spec = importlib.util.spec_from_file_location("cases", cases_of)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["cases"] = module
    spec.loader.exec_module(module)
    module.warm_up()
    out = os.fdopen(os.dup(1), "w")  # what a case prints goes elsewhere
    os.dup2(2, 1)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + int(megabytes) * 1_000_000,) * 2)
    for line in sys.stdin:
        faulthandler.dump_traceback_later(int(seconds), exit=True)
        found = _attempt(module.attempt, int(line))
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps({"case": found.case, "kind": found.kind, "said": found.said}), file=out, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
