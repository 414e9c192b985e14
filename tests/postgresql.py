"""A real PostgreSQL, started for the tests that ask for one, with a password and on a port of its own."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER, PASSWORD = "rowwise", "s3cret-w0rd"


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a server that is gone afterwards. Debian keeps its programs away from the PATH."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) + [path for path in [shutil.which("initdb")] if path]
    if not found:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))  # not pytest's: the server's user has to get in
    as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "nobody", "nogroup")
    word = folder / "password"
    word.write_text(PASSWORD)
    word.chmod(0o644)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bin, data = Path(found[-1]).parent, folder / "data"
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"

    def call(*args: str | Path) -> None:
        done = subprocess.run([*as_user, *args], cwd="/", capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        call(
            bin / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "--auth=scram-sha-256",
            f"--pwfile={word}",
            "-E",
            "UTF8",
            "--locale=C",
        )
        call(bin / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", settings, "start")
        try:
            yield f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            call(bin / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
