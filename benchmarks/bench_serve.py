"""How many requests a second does a service answer, how soon, and does a change of the model cost any of them?

python bench_serve.py [SECONDS]     on the loopback of this machine; results/serve.json

The model has the size of MovieLens 25M: 162,000 users, 59,000 items, 64 factors, with one pair a user. Clients are
threads of this process, each with a connection of its own, and take their share of the same cores.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from harness import keep

import rowwise as rw
from rowwise.api.fitted import Fitted
from rowwise.program.parameters import Parameters

USERS, ITEMS, FACTORS = 162_000, 59_000, 64
CLIENTS, WORKERS = 4, 2
QUESTIONS = {
    "/predict": lambda k: {"examples": [{"userId": k % USERS, "movieId": k % ITEMS}]},
    "/recommend": lambda k: {"users": [k % USERS], "n": 10},
    "/similar": lambda k: {"id": k % ITEMS, "n": 10},
}


@rw.model(target="rating", loss=rw.squared_error)
def factors(user=rw.Row("userId", FACTORS), item=rw.Row("movieId", FACTORS)):
    return user @ item


def made() -> Fitted:
    users = np.arange(USERS)
    data = pl.DataFrame({"userId": users, "movieId": users % ITEMS, "rating": users % 5.0})
    fitted = factors.fit(data, epochs=1, progress=False)
    random = np.random.default_rng(0)
    tables = {name: random.normal(0, 0.1, t.shape).astype(np.float32) for name, t in fitted.parameters.tables.items()}
    return Fitted(replace(fitted.trained, parameters=Parameters(tables, fitted.parameters.states)))


class Load:
    """Clients that ask one question again and again until they are told to stop, `rate` a second each at most."""

    def __init__(self, port: int, path: str, rate: float | None = None):
        self.port, self.path, self.rate, self.ended = port, path, rate, False
        self.seconds: list[float] = []
        self.failed = 0
        self.versions: set[str] = set()
        self.threads = [threading.Thread(target=self._ask, args=(k,)) for k in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True
        for thread in self.threads:
            thread.join()

    def _ask(self, client: int) -> None:
        connection, k, next_at = http.client.HTTPConnection("127.0.0.1", self.port), client, time.perf_counter()
        while not self.ended:
            if self.rate:
                next_at += 1 / self.rate
                time.sleep(max(0.0, next_at - time.perf_counter()))
            body = json.dumps(QUESTIONS[self.path](k))
            began = time.perf_counter()
            try:
                connection.request("POST", self.path, body)
                answer = connection.getresponse()
                answer.read()
                self.failed += answer.status != 200
                self.versions.add(answer.getheader("X-Rowwise-Version", ""))
            except (OSError, http.client.HTTPException):
                self.failed += 1
                connection = http.client.HTTPConnection("127.0.0.1", self.port)
            self.seconds.append(time.perf_counter() - began)
            k += CLIENTS * 7919

    def told(self, seconds: float) -> dict[str, object]:
        found = np.sort(self.seconds) * 1000
        return {
            "requests_a_second": round(len(found) / seconds),
            "median_ms": round(float(np.median(found)), 2),
            "p99_ms": round(float(found[int(0.99 * len(found))]), 2),
            "failed": self.failed,
        }


def measured(port: int, path: str, seconds: float, rate: float | None = None) -> dict[str, object]:
    with Load(port, path, rate) as load:
        time.sleep(seconds)
    return load.told(seconds)


def changed(port: int, folder: Path, fitted: Fitted, times: int) -> dict[str, object]:
    """A model that is replaced again and again while it is asked."""
    with Load(port, "/predict") as load:
        began = time.perf_counter()
        for k in range(times):
            settings = {**fitted.settings, "seed": k}
            Fitted(replace(fitted.trained, settings=settings)).save(folder)
            time.sleep(1)
    return {"replaced": times, "versions_seen": len(load.versions)} | load.told(time.perf_counter() - began)


def memory(port: int, pids: list[int], seconds: float) -> dict[str, object]:
    """Of all workers, before and after: MB."""

    def held() -> int:
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
        return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000

    before = held()
    with Load(port, "/predict") as load:
        time.sleep(seconds)
    return {"requests": len(load.seconds), "before_mb": before, "after_mb": held()}


def main(seconds: float) -> None:
    fitted = made()
    with tempfile.TemporaryDirectory() as place, socket.socket() as free:
        folder = Path(place, "model")
        fitted.save(folder)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = "from rowwise.cli import main; main(prog_name='rowwise')"
        options = ["serve", str(folder), "--port", str(port), "--workers", str(WORKERS), "--quiet"]
        process = subprocess.Popen([sys.executable, "-c", command, *options], start_new_session=True)
        try:
            _until_ready(port)
            listed = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True)
            workers = [int(pid) for pid in listed.stdout.split()]
            rows = []
            for path in QUESTIONS:
                full = measured(port, path, seconds)
                half = measured(port, path, seconds, full["requests_a_second"] / 2 / CLIENTS)
                rows.append({"question": path, "full": full, "half_load": half})
                print(json.dumps(rows[-1]), flush=True)
            rows.append({"question": "memory", **memory(port, workers, 3 * seconds)})
            print(json.dumps(rows[-1]), flush=True)
            rows.append({"question": "a model replaced under load", **changed(port, folder, fitted, 20)})
            print(json.dumps(rows[-1]), flush=True)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
    sizes = {"users": USERS, "items": ITEMS, "factors": FACTORS, "workers": WORKERS, "clients": CLIENTS}
    keep("serve", [sizes, *rows])


def _until_ready(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/readyz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the service does not answer")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
