"""The command `serve` as a process of its own: workers that come back, models that change under load, an end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import rowwise as rw
from camps import two_camps
from mends import mends
from rowwise.cli.serving import _wanted
from rowwise.errors import BadOption
from rowwise.serve.run import check_address

pytest.importorskip("uvicorn", reason="the extra serve is not installed")

PATIENCE = 60  # seconds for something to happen that takes a few
BODY = json.dumps({"examples": [{"user": 1, "film": 2}, {"user": 3, "film": 4}]}).encode()


@rw.model(target="stars", loss=rw.squared_error)
def camps(user=rw.Row("user", 2), film=rw.Row("film", 2)):
    return user @ film


def save(folder, seed):
    fitted = camps.fit(two_camps(8), epochs=1, seed=seed)
    fitted.save(folder)
    return fitted.predict([{"user": 1, "film": 2}, {"user": 3, "film": 4}]).tolist()


def asked(port, path="/predict", body=BODY):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read())


def until(happens, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if found := happens():
                return found
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen in {PATIENCE} seconds")


@pytest.fixture
def service(tmp_path):
    """A function that starts the command on a folder, and gives its process and its port."""
    started = []

    def start(*options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = "from rowwise.cli import main; main(prog_name='rowwise')"
        process = subprocess.Popen(
            [sys.executable, "-c", command, "serve", *options, "--port", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=tmp_path, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        until(lambda: asked(port, "/healthz", None), "an answer")
        return process, port

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()


def children(process):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)
    found = [int(pid) for pid in listed.stdout.split()]
    return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_model_that_changes_under_load_gives_no_failed_and_no_mixed_answer(service, tmp_path):
    answers = [save(tmp_path / "model", seed=0)]
    process, port = service("model")
    ended = False

    def load():
        found = []
        while not ended:
            found.append(tuple(asked(port)["predictions"]))
        return found

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(load) for _ in range(2)]
        for seed in (1, 2, 3):
            answers.append(save(tmp_path / "model", seed=seed))
            until(lambda: asked(port)["predictions"] == answers[-1], f"model {seed}")
        ended = True
        found = {answer for each in running for answer in each.result()}
    assert found <= {tuple(answer) for answer in answers}
    assert len(found) >= 3
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) in (0, -signal.SIGTERM)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="this system lists no processes in /proc")
def test_a_worker_that_is_killed_comes_back(service, tmp_path):
    wanted = save(tmp_path / "model", seed=0)
    process, port = service("model", "--workers", "2")
    workers = until(lambda: (found := children(process)) and len(found) == 2 and found, "two workers")
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: set(children(process)) - set(workers) and len(children(process)) == 2, "a new worker")
    assert all(asked(port)["predictions"] == wanted for _ in range(20))


def test_what_cannot_be_served_is_said_before_anything_listens(tmp_path):
    command = "from rowwise.cli import main; main(prog_name='rowwise')"
    save(tmp_path / "model", seed=0)
    for given, said in (
        (["nothing"], "nothing"),
        (["model", "b=model", "--share", "b=2"], "from 0 to 1"),
        (["model", "--share", "c=0.1"], "--share c=0.1"),
        (["b c=model"], "letters, numbers"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", command, "serve", *given], capture_output=True, text=True, cwd=tmp_path, timeout=60
        )
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr


@mends("--share …=… | --share …=0.1", "a model called", "rowwise serve old=model/ new=model_b/ --share new=0.1")
def test_what_a_model_may_be_called_and_which_shares_there_are():
    for models, shares in ((("a", "b=c"), {"b": "2"}), (("a", "b=c"), {"d": "0.1"}), (("b c=d",), {})):
        with pytest.raises(BadOption):
            _wanted(models, None, shares)
    assert _wanted(("old=model/", "new=model_b/"), None, {"new": "0.1"})[1].share == 0.1
    assert [each.name for each in _wanted(("a=model/", "new=d"), None, {})] == ["a", "new"]


@mends("nothing can listen at")
def test_an_address_that_nothing_can_listen_at_is_refused_and_the_mend_is_free():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadOption, match=f"--port {port + 1}"):
            check_address("127.0.0.1", port)
    check_address("127.0.0.1", port)
    for host in ("256.256.256.256", "no host", "\udcff", "a" * 300, "192.0.2.1"):
        with pytest.raises(BadOption, match="nothing can listen at"):
            check_address(host, port)
