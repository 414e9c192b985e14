"""What all tests share: golden text, brought up to date by `pytest --update-golden`; what is said of skipped tests."""

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import jaxtyping
import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("KERAS_BACKEND", "jax")  # its own default, TensorFlow, is not installed
# hundreds of small programs are compiled, and each runs a few times
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")

# a busy machine is no fault of what is tested: no example has a time to keep
settings.register_profile("rowwise", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rowwise")

# what a reason to skip names, and how to have it
TO_HAVE = {
    "python3-uno": "apt-get install libreoffice-calc python3-uno",
    "nonlinear solver": "apt-get install libreoffice-nlpsolver",
    "LibreOffice is": "apt-get install libreoffice-calc",
    "could not import": "pip install --editable '.[dev]'",
    "is not installed": "pip install --editable '.[dev]'",
}


def pytest_make_parametrize_id(val, argname):
    """Bytes are called as their argument: those of an archive hold the second in which they were made."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items):
    """A name with an address in it differs in each process, and tests that run side by side are told apart by name."""
    if with_address := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"a name that differs in each process: {with_address[0]}")


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write golden texts anew instead of comparing them")


@pytest.fixture
def golden(request):
    """A function that holds a text to the one kept in the folder `golden` beside the test: golden("name.txt", text)."""

    def compare(name: str, text: str) -> None:
        path = Path(request.path).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == path.read_text(encoding="utf-8")

    return compare


def pytest_terminal_summary(terminalreporter):
    """What was not tested here, why, and how to have it tested: one line a reason, last of all."""
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])]
    if not reasons:
        return
    terminalreporter.section("not tested here")
    for reason, n in sorted(Counter(reasons).items()):
        how = next((command for part, command in TO_HAVE.items() if part in reason), "")
        terminalreporter.write_line(f"{n} × {reason}{f'; to have it: {how}' if how else ''}")


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own, of 1 MiB; where none can be mounted, the test is skipped."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted: run as root on Linux, or in a container that may mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture
def unchecked():
    """As users run it: the types that signatures promise are checked in tests only."""
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", before)
