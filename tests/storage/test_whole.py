"""What is written stands under its name when it is complete, and what stood there before stays until then."""

import errno
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import polars as pl
import pytest
from safetensors import SafetensorError
from xlsxwriter.exceptions import FileSizeError

from rowwise.errors import BadFolder, CannotWrite
from rowwise.storage import locks, swap, unfinished, whole
from rowwise.storage.refusals import REFUSALS, number_of, refusals
from rowwise.storage.whole import folder_replaced_whole, replaced_whole, try_place


def put(path, text):
    with replaced_whole(path) as file:
        file.write(text.encode())


def put_folder(path, text, check=lambda at: None):
    with folder_replaced_whole(path, check) as fresh:
        (fresh / "deep").mkdir()
        (fresh / "deep" / "one").write_text(text)
        (fresh / "two").write_text(text)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# Files


def test_a_file_is_replaced_and_nothing_lies_beside(tmp_path):
    put(tmp_path / "a.csv", "old")
    put(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "new"
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), OSError(errno.ENOSPC, "full")], ids=repr)
def test_whatever_fails_the_old_file_stays(tmp_path, error):
    put(tmp_path / "a.csv", "old")

    def broken():
        with replaced_whole(tmp_path / "a.csv") as file:
            file.write(b"ne")
            raise error

    with pytest.raises((type(error), CannotWrite)):
        broken()
    assert (tmp_path / "a.csv").read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.skipif(os.name == "nt", reason="rights are POSIX's")
def test_a_new_file_has_the_rights_that_the_system_gives_and_an_old_one_keeps_its_own(tmp_path):
    script = (
        "import os, sys; os.umask(0o027); from rowwise.storage.whole import replaced_whole, folder_replaced_whole\n"
        "with replaced_whole(sys.argv[1] + '/new'), replaced_whole(sys.argv[1] + '/old'): pass\n"
        "with folder_replaced_whole(sys.argv[1] + '/folder', lambda at: None): pass\n"
        "assert os.umask(0) == 0o027"
    )
    put(tmp_path / "old", "")
    (tmp_path / "old").chmod(0o600)
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    rights = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.iterdir()}
    assert rights == {"new": "0o640", "old": "0o600", "folder": "0o750"}


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there" / "a.csv")
    put(tmp_path / "link", "first")  # it leads to nothing yet
    put(tmp_path / "link", "second")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "a.csv").read_text() == "second"


@pytest.mark.parametrize("write", [try_place, lambda at: put(at, "new"), lambda at: put_folder(at, "new")])
def test_a_link_that_leads_to_itself_is_refused_before_any_work(tmp_path, write):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(CannotWrite, match="is a link that leads to itself"):
        write(tmp_path / "a")
    assert names(tmp_path) == ["a", "b"]


def test_the_root_of_all_folders_is_no_place_for_a_file():
    with pytest.raises(CannotWrite, match="/ is a folder"):
        try_place("/")


@pytest.mark.parametrize("length", [99, 101, 255])
def test_a_name_as_long_as_the_system_takes_can_be_written(tmp_path, length):
    put(tmp_path / ("ä" * (length // 2)), "text")
    put_folder(tmp_path / ("m" * length), "text")
    assert len(names(tmp_path)) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_gets_the_text_and_stays_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    found = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / "pipe").read_text()), daemon=True)
    reader.start()
    put(tmp_path / "pipe", "text")
    reader.join(20)
    assert found == ["text"]
    assert names(tmp_path) == ["pipe"]


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="this system has no /dev/stdout")
@pytest.mark.parametrize("to", ["file", "pipe"])
def test_the_standard_output_gets_the_text_in_its_turn(tmp_path, to):
    script = (
        "from rowwise.storage.whole import replaced_whole\nprint('before')\n"
        "with replaced_whole('/dev/stdout') as file: file.write(b'text\\n')\n"
        "print('after')"
    )
    if to == "pipe":
        found = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True).stdout.decode()
    else:
        with open(tmp_path / "all", "w") as file:
            subprocess.run([sys.executable, "-c", script], stdout=file, check=True)
        found = (tmp_path / "all").read_text()
        assert names(tmp_path) == ["all"]
    assert found == "before\ntext\nafter\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_devices_take_or_refuse():
    put("/dev/null", "text")
    with pytest.raises(CannotWrite, match=r"(?s)the disk is full: /dev/full does not fit.*free some space") as caught:
        put("/dev/full", "text")
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == "/dev/full"


# Folders


def test_a_folder_is_replaced_and_nothing_lies_beside(tmp_path):
    put_folder(tmp_path / "model", "old")
    put_folder(tmp_path / "model", "new")
    assert (tmp_path / "model" / "deep" / "one").read_text() == "new"
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_file_that_came_while_the_new_folder_was_written_is_not_lost(tmp_path, monkeypatch, at_once):
    if not at_once:
        monkeypatch.setattr(swap, "exchange", lambda one, other: False)

    def check(at):
        if (at / "notes.txt").exists():
            raise BadFolder("notes.txt is in the way")

    put_folder(tmp_path / "model", "old")
    with pytest.raises(BadFolder), folder_replaced_whole(tmp_path / "model", check):
        (tmp_path / "model" / "notes.txt").write_text("dear diary")
    assert (tmp_path / "model" / "notes.txt").read_text() == "dear diary"
    assert (tmp_path / "model" / "two").read_text() == "old"
    assert names(tmp_path) == ["model"]


def test_of_many_writers_one_wins_whole(tmp_path):
    script = (
        "import sys; sys.path.insert(0, sys.argv[3]); from test_whole import Path, put, put_folder\n"
        "for k in range(10): put_folder(Path(sys.argv[1], 'model'), sys.argv[2]); put(sys.argv[1] + '/a', sys.argv[2])"
    )
    arguments = [str(tmp_path), "{}", str(Path(__file__).parent)]
    writers = [
        subprocess.Popen([sys.executable, "-c", script, *(a.format(k) for a in arguments)], stderr=subprocess.PIPE)
        for k in range(3)
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said.decode()
    one = (tmp_path / "model" / "deep" / "one").read_text()
    assert one in ("0", "1", "2")
    assert (tmp_path / "model" / "two").read_text() == one
    assert names(tmp_path) == ["a", "model"]


# Leftovers


@pytest.mark.skipif(locks.fcntl is None, reason="without locks nobody knows what is left over")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path, what):
    writer = "replaced_whole(place)" if what == "file" else "folder_replaced_whole(place, lambda at: None)"
    script = (
        "import os, signal, sys; from rowwise.storage.whole import *\nplace = sys.argv[1]\n"
        f"with {writer}: os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path / "model")])
    assert killed.returncode == -signal.SIGKILL
    assert [bool(re.fullmatch(r"\.model\.[0-9a-f]{8}\.unfinished", name)) for name in names(tmp_path)] == [True]
    (put if what == "file" else put_folder)(tmp_path / "model", "new")
    assert names(tmp_path) == ["model"]


def test_what_a_living_writer_writes_is_no_leftover(tmp_path):
    with folder_replaced_whole(tmp_path / "model", lambda at: None) as fresh:
        (fresh / "two").write_text("slow")
        put_folder(tmp_path / "model", "quick")
        put_folder(tmp_path / "model", "quick again")
        assert (fresh / "two").read_text() == "slow"
    assert (tmp_path / "model" / "two").read_text() == "slow"
    with replaced_whole(tmp_path / "a") as file:
        put(tmp_path / "a", "quick")
        file.write(b"slow")
    assert (tmp_path / "a").read_text() == "slow"


def test_files_of_others_with_similar_names_stay(tmp_path):
    others = [".model.notes", ".model.0123456.unfinished", "model.01234567.unfinished", ".model2.01234567.unfinished"]
    for name in others:
        (tmp_path / name).write_text("dear diary")
    put_folder(tmp_path / "model", "text")
    assert names(tmp_path) == sorted(["model", *others])


# What the system says


def say(number, path):
    """The error of a system call on `path`."""
    with refusals(path):
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize("number", [*REFUSALS, errno.EIO, errno.EMFILE], ids=lambda number: errno.errorcode[number])
def test_every_refusal_names_the_place_and_a_mend(tmp_path, number):
    with pytest.raises(CannotWrite) as caught:
        say(number, tmp_path / "model")
    given, expected, mend = str(caught.value).splitlines()
    assert str(tmp_path) in given
    assert expected.startswith("  expected: ")
    assert mend.startswith("  to mend:  ")
    assert isinstance(caught.value, OSError)
    assert (caught.value.errno, caught.value.filename) == (number, str(tmp_path / "model"))


def test_a_mend_mends(tmp_path):
    with pytest.raises(CannotWrite, match="there is no folder") as caught:
        put(tmp_path / "nowhere" / "a.csv", "text")
    subprocess.run(caught.value.mend.split(), check=True)
    put(tmp_path / "nowhere" / "a.csv", "text")
    with pytest.raises(CannotWrite, match=r"nowhere is a folder"):
        put(tmp_path / "nowhere", "text")
    with pytest.raises(CannotWrite, match=r"a\.csv is no folder"):
        put(tmp_path / "nowhere" / "a.csv" / "b.csv", "text")
    with pytest.raises(CannotWrite, match=r"a\.csv is no folder"):
        put_folder(tmp_path / "nowhere" / "a.csv" / "model", "text")
    with pytest.raises(CannotWrite, match="too long"):
        put(tmp_path / ("a" * 300), "text")


@pytest.mark.parametrize(
    "error",
    [
        FileSizeError("a workbook of 4 GB"), zipfile.LargeZipFile("too large"), SafetensorError("no header"),
        pl.exceptions.ComputeError("no such type"),
        type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})("oh"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_what_a_library_that_writes_refuses_is_told_with_its_place(tmp_path, error):
    said = rf"(?s)x\.out cannot be written: {error}.*expected.*to mend"
    with pytest.raises(CannotWrite, match=said) as told, replaced_whole(tmp_path / "x.out"):
        raise error
    assert told.value.errno is None
    assert names(tmp_path) == []


def test_a_fault_of_ours_while_writing_stays_a_fault(tmp_path):
    with pytest.raises(ZeroDivisionError), replaced_whole(tmp_path / "x.out"):
        raise ZeroDivisionError


def test_what_libraries_make_of_a_full_disk_is_known_as_one():
    class Foreign(Exception):
        pass

    assert number_of(Foreign("parquet: underlying IO error: No space left on device (os error 28)")) == errno.ENOSPC
    assert number_of(Foreign(OSError(errno.EIO, "I/O error"))) == errno.EIO
    assert number_of(ValueError("28")) is None


# Other systems, by simulation


def windows(monkeypatch):
    """What Windows lacks: locks, handles of folders, exchanges; there, `ctypes.CDLL(None)` is a TypeError."""
    real = os.open

    def no_folders(path, *args, **options):
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *args, **options)

    def no_library(name):
        raise TypeError("argument of type 'NoneType' is not iterable")

    monkeypatch.setattr(shutil, "_use_fd_functions", False)
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(os, "open", no_folders)
    monkeypatch.setattr(swap.sys, "platform", "win32")
    monkeypatch.setattr(swap.ctypes, "CDLL", no_library)


def bare_library(monkeypatch):
    """A C library without an exchange, as musl was for long."""
    monkeypatch.setattr(swap.ctypes, "CDLL", lambda name: object())


def network_disk(monkeypatch):
    """A file system without locks, and on which a folder cannot be synced."""
    real = os.fsync

    def no_locks(handle, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    def no_folders(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(handle)

    monkeypatch.setattr(locks.fcntl, "flock", no_locks)
    monkeypatch.setattr(os, "fsync", no_folders)


def macos(monkeypatch):
    """Its exchange has another name."""
    linux = swap.ctypes.CDLL(None)

    class Library:
        def renamex_np(self, one, other, how):
            return linux.renameat2(swap.HERE, one, swap.HERE, other, how)

    monkeypatch.setattr(swap.ctypes, "CDLL", lambda name: Library())
    monkeypatch.setattr(swap.sys, "platform", "darwin")


@pytest.mark.parametrize("system", [windows, bare_library, network_disk, macos], ids=lambda system: system.__name__)
def test_files_and_folders_are_replaced_on_other_systems(tmp_path, monkeypatch, system):
    system(monkeypatch)
    for text in ("old", "new"):
        put(tmp_path / "a.csv", text)
        put_folder(tmp_path / "model", text)
        with locks.only_user(tmp_path / "run.ckpt"):
            put(tmp_path / "run.ckpt", text)
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "model" / "two").read_text() == "new"
    assert names(tmp_path) == ["a.csv", "model", "run.ckpt"]
    assert unfinished.LOOK >= 0
    assert whole.is_stream(tmp_path / "a.csv") is False
