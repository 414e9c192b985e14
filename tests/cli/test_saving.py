"""What an hour of training has made is not lost for want of a place, a reader or patience."""

import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

import rowwise as rw
from camps import two_camps
from mends import mends
from rowwise import cli
from rowwise.api.fitted import Fitted
from rowwise.backends.llvm import kernel
from rowwise.cli.saving import saved
from rowwise.errors import BadFolder, CannotWrite
from rowwise.train import interrupts
from untrained import two_keys

COLUMNS = ("--user", "user", "--item", "film", "--target", "stars", "--factors", "2", "--validation", "0")


@pytest.fixture
def ratings(tmp_path):
    two_camps(8).write_csv(tmp_path / "ratings.csv")
    return tmp_path / "ratings.csv"


def run(*args):
    return CliRunner().invoke(cli.main, [str(arg) for arg in args], prog_name="rowwise")


def shell(command, cwd):
    """A real process, with what a shell does to its streams."""
    start = "from rowwise.cli import main; main(prog_name='rowwise')"
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("rowwise", f'"{sys.executable}" -c "{start}"')],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=cwd,
    )


def test_a_stream_that_the_shell_has_closed_gives_its_number_to_no_file(ratings, tmp_path):
    done = shell(f"rowwise train ratings.csv {' '.join(COLUMNS)} --epochs 1 <&- >&- 2>&-", cwd=tmp_path)
    assert done.returncode == 0
    rw.load(tmp_path / "model")
    assert shell("rowwise info nothing 2>&-", cwd=tmp_path).returncode == 2


@mends("the current folder is gone", elsewhere=True)
def test_a_current_folder_that_is_gone_is_told(tmp_path):
    (tmp_path / "gone").mkdir()
    done = shell("cd gone && rmdir ../gone && rowwise info ../model", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "the current folder is gone"
    two_keys().save(tmp_path / "model")
    (tmp_path / "there").mkdir()
    assert shell("cd there && rowwise info ../model", cwd=tmp_path).returncode == 0


def test_a_disk_that_runs_full_while_training_loses_nothing(ratings, small_disk, tmp_path, monkeypatch):
    two_keys().save(small_disk / "model")
    real = kernel.LlvmKernel.epoch

    def epoch_and_fill(self, epoch, rate):
        with open(small_disk / "others", "ab") as file, pytest.raises(OSError, match="No space left"):
            file.write(bytes(2 << 20))
        return real(self, epoch, rate)

    monkeypatch.setattr(kernel.LlvmKernel, "epoch", epoch_and_fill)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    output = small_disk / "model"
    done = run("train", ratings, *COLUMNS, "-o", output, "--epochs", 3, "--checkpoint", small_disk / "run.ckpt")
    assert done.exit_code == 2
    assert done.stderr.count("is not in the checkpoint, and training goes on without") == 1
    assert f"the disk is full: {output} does not fit" in done.stderr
    kept = list((tmp_path / "here").iterdir())
    assert f"the model is safe in {kept[0]}/: use it from there" in done.stderr
    assert len(rw.load(kept[0]).history) == 3
    assert rw.load(output).parameters.arrays().keys() == two_keys().parameters.arrays().keys()  # the old one is whole
    assert {path.name for path in small_disk.iterdir()} == {"model", "others"}


@pytest.mark.parametrize("what", ["model", "workbook", "predictions"])
def test_a_limit_on_the_size_of_files_is_told_in_three_lines(tmp_path, what):
    fitted = two_keys()
    fitted.save(tmp_path / "model")
    (tmp_path / "pairs.csv").write_text("userId,filmId\n" + "1,1\n" * 2000)
    two_camps(8).write_csv(tmp_path / "ratings.csv")
    command = {
        "model": f"rowwise train ratings.csv {' '.join(COLUMNS)} --epochs 1 -o new",
        "workbook": "rowwise sheet model -o model.xlsx",
        "predictions": "rowwise predict model pairs.csv -o predicted.csv",
    }[what]
    done = shell(f"ulimit -f 10; {command}", cwd=tmp_path)  # 5 or 10 kB
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "is larger than a file may be here" in done.stderr
    assert [line.split(":")[0].strip() for line in done.stderr.splitlines()[-2:]] == ["expected", "to mend"]
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("stream", ["> /dev/full", "2> /dev/full", "2>&-"])
@mends("the output cannot be written", elsewhere=True)
def test_a_reader_that_has_gone_loses_no_model(ratings, tmp_path, stream):
    done = shell(f"rowwise train ratings.csv {' '.join(COLUMNS)} --epochs 2 -o model {stream}", cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert len(rw.load(tmp_path / "model").history) == 2
    if stream == "> /dev/full":
        assert done.returncode == 2
        assert "the output cannot be written: No space left on device" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="this system has no /dev/stdout")
def test_predictions_written_to_the_standard_output_are_all_that_stands_there(tmp_path):
    two_keys().save(tmp_path / "model")
    (tmp_path / "pairs.csv").write_text("userId,filmId\n1,1\n1,2\n")
    done = shell("rowwise predict model pairs.csv -o /dev/stdout > all.csv", cwd=tmp_path)
    assert "wrote /dev/stdout: 2 predictions" in done.stderr
    assert [line.count(",") for line in (tmp_path / "all.csv").read_text().splitlines()] == [2, 2, 2]


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path):
    (tmp_path / "file").write_text("dear diary")
    done = run("train", tmp_path / "nowhere.csv", "-o", tmp_path / "file" / "model")
    assert done.exit_code == 2
    assert f"{tmp_path / 'file'} is no folder" in done.stderr
    assert (tmp_path / "file").read_text() == "dear diary"


@mends("the model is safe in")
def test_a_file_of_somebodys_that_came_during_the_training_is_not_lost_and_the_model_neither(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "notes.txt").write_text("dear diary")
    with pytest.raises(CannotWrite, match=r"(?s)is not a saved model.*the model is safe in .*/model-2"):
        saved(two_keys(), "model")
    assert (tmp_path / "model" / "notes.txt").read_text() == "dear diary"
    assert len([rw.load(path) for path in tmp_path.glob("model-*")]) == 1


def test_two_trainings_that_save_elsewhere_in_one_second_keep_both_models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.strftime", lambda form: "20300101-000000")
    (tmp_path / "model").write_text("dear diary")
    for _ in range(2):
        with pytest.raises(CannotWrite, match="the model is safe in"):
            saved(two_keys(), "model")
    assert len([rw.load(path) for path in tmp_path.glob("model-*")]) == 2


def test_where_no_place_takes_the_model_that_is_said(tmp_path, monkeypatch):
    def refuse(fitted, folder):
        raise BadFolder(f"{folder} exists", mend="give another name")

    monkeypatch.setattr(Fitted, "save", refuse)
    with pytest.raises(CannotWrite, match="no other place took the model either"):
        saved(two_keys(), tmp_path / "model")


def test_an_error_of_saving_carries_the_model(tmp_path):
    (tmp_path / "file").write_text("")
    fitted = two_keys()
    with pytest.raises(CannotWrite) as caught:
        fitted.save(tmp_path / "file" / "model")
    assert caught.value.fitted is fitted
    caught.value.fitted.save(tmp_path / "elsewhere")


@pytest.fixture
def hears_ctrl_c():
    """A shell starts what runs in the background deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_ctrl_c_waits_until_the_model_is_saved_and_a_second_does_not(tmp_path, monkeypatch, hears_ctrl_c):
    real = Fitted.save

    def interrupted(fitted, folder):
        os.kill(os.getpid(), signal.SIGINT)
        return real(fitted, folder)

    monkeypatch.setattr(Fitted, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        saved(two_keys(), tmp_path / "model")
    rw.load(tmp_path / "model")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with interrupts.Held():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@mends("no other place took the model either")
def test_where_no_place_takes_the_model_the_mend_says_so_and_works(tmp_path, monkeypatch):
    (tmp_path / "model").write_text("dear diary")
    monkeypatch.setattr("rowwise.cli.saving._places", lambda: iter([tmp_path / "model"]))
    with pytest.raises(CannotWrite, match=r"give another name, and train again: no other place took the model either"):
        saved(two_keys(), str(tmp_path / "model"))
    assert rw.load(saved(two_keys(), str(tmp_path / "model2")))
