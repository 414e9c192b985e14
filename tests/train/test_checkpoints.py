"""A killed run goes on where it was, and ends as if nothing had happened."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import rowwise as rw
from camps import two_camps
from mends import mends
from rowwise.backends.llvm import kernel
from rowwise.errors import BadFolder, BadOption, CannotWrite, Diverged, NotKeptWarning
from rowwise.storage.locks import only_user

CAMPS = two_camps(10)
OPTIONS = {"epochs": 6, "batch_size": 16, "validation": 0.2, "patience": 3, "learning_rate": rw.linear_decay(0.3, 6)}


@rw.model(target="stars", loss=rw.squared_error)
def camps(
    user=rw.Row("user", 2), film=rw.Row("film", 2), layer=rw.Weight(2), shift=rw.Weight(), mask=rw.Dropout(2, 0.5)
):
    return user @ (film * mask) + layer @ film + shift


# A process that kills itself at the beginning of an epoch, as `kill -9` would.
KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import test_checkpoints
from rowwise.train import engines
real = engines.make
class Killed:
    def __init__(self, engine): self.engine = engine
    def epoch(self, epoch, rate):
        if epoch == {epoch}: os.kill(os.getpid(), signal.SIGKILL)
        return self.engine.epoch(epoch, rate)
engines.make = lambda *args, **options: Killed(real(*args, **options))
test_checkpoints.trained({engine!r}, {path!r})
"""


def trained(engine, checkpoint=None, **options):
    return camps.fit(CAMPS, engine=engine, checkpoint=checkpoint, **(OPTIONS | options))


def tables(fitted):
    return {name: array.tobytes() for name, array in fitted.parameters.arrays().items()}


@pytest.mark.parametrize("engine", ["llvm", "xla"])
def test_a_run_killed_in_the_middle_goes_on_to_the_same_bytes(engine, tmp_path):
    path = tmp_path / "run.checkpoint"
    here = Path(__file__).parent
    script = KILLED.format(tests=str(here), epoch=3, engine=engine, path=str(path))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here.parent), os.environ.get("PYTHONPATH", "")])}
    killed = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    whole, resumed = trained(engine), trained(engine, path)
    assert tables(resumed) == tables(whole)
    assert resumed.history.drop("seconds").equals(whole.history.drop("seconds"))


def test_a_finished_run_is_given_back_without_training(tmp_path, monkeypatch):
    path = tmp_path / "run.checkpoint"
    first = trained("llvm", path)

    def nothing_is_left_to_train(self, epoch, rate):
        raise AssertionError

    monkeypatch.setattr(kernel.LlvmKernel, "epoch", nothing_is_left_to_train)
    again = trained("llvm", path)
    assert tables(again) == tables(first)
    assert again.history.equals(first.history)


def test_a_checkpoint_of_a_run_that_diverged_holds_the_last_good_epoch(tmp_path):
    path = tmp_path / "run.checkpoint"
    options = {"learning_rate": lambda epoch: 0.1 if epoch < 2 else 1e30, "optimizer": "sgd", "epochs": 4}
    with pytest.raises(Diverged):
        trained("llvm", path, **options)
    with pytest.raises(Diverged) as again:
        trained("llvm", path, **options)
    assert again.value.fitted.history["epoch"].to_list() == [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"epochs": 7},
        {"learning_rate": 0.1},
        {"batch_size": 8},
        {"optimizer": "adam"},
        {"validation": 0.3},
        {"update": "dense", "engine": "xla"},
    ],
    ids=str,
)
def test_a_checkpoint_of_other_settings_is_refused(change, tmp_path):
    path = tmp_path / "run.checkpoint"
    trained("llvm", path, epochs=1, patience=None)
    options = {"epochs": 1, "patience": None, "engine": "llvm", "checkpoint": path}
    with pytest.raises(BadFolder, match=r"(?s)run\.checkpoint belongs to another run.*delete run\.checkpoint to start"):
        camps.fit(CAMPS, **(OPTIONS | options | change))


def test_a_checkpoint_of_other_data_or_another_model_is_refused(tmp_path):
    path = tmp_path / "run.checkpoint"
    options = {"epochs": 1, "engine": "llvm", "checkpoint": path}
    camps.fit(CAMPS, **options)
    for data, model in (
        (CAMPS.reverse(), camps),
        (CAMPS, camps.replace(user=rw.Row("user", 2, init=0.5))),
        (CAMPS, camps.replace(user=rw.Row("user", 2, l2=0.5))),
    ):
        with pytest.raises(BadFolder, match="belongs to another run"):
            model.fit(data, **options)
    assert camps.fit(CAMPS, **options).history["epoch"].to_list() == [1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"",
        lambda whole: b"nothing of the kind",
        lambda whole: b"\xff" * 8 + whole[8:],
    ],
)
def test_a_damaged_checkpoint_is_refused(damage, tmp_path):
    path = tmp_path / "run.checkpoint"
    trained("llvm", path, epochs=1)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BadFolder, match=r"(?s)checkpoint run\.checkpoint cannot be read.*delete run\.checkpoint"):
        trained("llvm", path, epochs=1)


@pytest.mark.parametrize("facts", [None, {"rowwise": "{}"}, {"rowwise": "[]"}, {"rowwise": "no json"}])
def test_a_file_of_tables_that_is_no_checkpoint_is_refused(facts, tmp_path):
    path = tmp_path / "run.checkpoint"
    save_file({"user": np.zeros(3, np.float32)}, path, facts)
    with pytest.raises(BadFolder, match=r"checkpoint run\.checkpoint cannot be read"):
        trained("llvm", path, epochs=1)


def test_a_checkpoint_with_a_changed_number_is_refused_and_the_mend_mends(tmp_path):
    path = tmp_path / "run.checkpoint"
    trained("llvm", path, epochs=1)
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)
    with pytest.raises(BadFolder, match=r"(?s)cannot be read \(it is not as it was written\).*delete run") as caught:
        trained("llvm", path, epochs=1)
    assert caught.value.mend == "delete run.checkpoint to start afresh"
    path.unlink()
    trained("llvm", path, epochs=1)


@mends("is in use by another training")
def test_two_trainings_do_not_share_a_checkpoint(tmp_path):
    path = tmp_path / "run.checkpoint"
    with (
        only_user(path),
        pytest.raises(BadOption, match=rf"(?s)in use by another training, process {os.getpid()}.*wait"),
    ):
        trained("llvm", path, epochs=1)
    trained("llvm", path, epochs=1)  # it has ended
    assert [one.name for one in tmp_path.iterdir()] == ["run.checkpoint"]


def test_a_checkpoint_that_cannot_be_written_is_said_once_and_training_goes_on(tmp_path, monkeypatch):
    path = tmp_path / "run.checkpoint"
    real, calls = os.replace, []

    def full(source, target):
        calls.append(target)
        if 2 <= len(calls) <= 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(NotKeptWarning, match=r"(?s)epoch 2 is not in the checkpoint.*the disk is full") as warned:
        found = trained("llvm", path, epochs=6, patience=None)
    assert len(warned) == 1
    assert len(found.history) == 6
    monkeypatch.undo()
    assert tables(trained("llvm", path, epochs=6, patience=None)) == tables(found)  # the later epochs are in it


def test_a_place_that_cannot_be_written_is_refused_before_training(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel.LlvmKernel, "epoch", None)
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="file is no folder"):
        trained("llvm", tmp_path / "file" / "run.checkpoint")
    for place in ("s3://bucket/run.checkpoint", "/dev/null"):
        with pytest.raises(BadOption, match="a checkpoint"):
            trained("llvm", place)
    assert not Path("s3:").exists()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    with pytest.raises(CannotWrite, match="the disk is full"):
        trained("llvm", tmp_path / "run.checkpoint")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_crash_while_writing_leaves_the_checkpoint_before_it(tmp_path, monkeypatch):
    path = tmp_path / "run.checkpoint"
    real, calls = os.replace, []

    def crash(source, target):
        calls.append(target)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", crash)
    trained("llvm", path)
    monkeypatch.undo()
    kept = load_file(path)  # of the second epoch, whole
    resumed = trained("llvm", path)
    assert set(kept) >= {*(f"table/{name}" for name in ("user", "film", "layer")), "best/table/user"}
    assert tables(resumed) == tables(trained("llvm"))
