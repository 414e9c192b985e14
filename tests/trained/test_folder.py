"""A model as a folder and back: whole or not at all, checked on loading, and nothing in it runs."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file, save_file

import rowwise as rw
from camps import two_camps
from rowwise.api.fitted import Fitted
from rowwise.errors import BadFolder, UnknownIdsWarning
from rowwise.storage import swap
from rowwise.trained import folder as folders
from untrained import two_keys

PAIRS = {"user": [0, 3, 99], "film": [0, 4, 5]}


@pytest.fixture(scope="module")
def fitted():
    """A trained model with everything that a folder holds."""

    @rw.model(target="stars", loss=rw.squared_error, clip=(1, 5))
    def camps(user=rw.Row("user", 3), film=rw.Row("film", 3), layer=rw.Weight(3), mean=rw.Mean("stars")):
        return mean + user @ film + layer @ user

    return camps.fit(two_camps(8), epochs=2, optimizer="adam", validation=0.2)


@pytest.fixture
def saved(fitted, tmp_path):
    return fitted.save(tmp_path / "model")


def edit_facts(folder, change):
    """Change model.json and make its checksums true again, as a hostile writer would."""
    path = folder / "model.json"
    facts = json.loads(path.read_text())
    change(facts)
    facts["checksums"] = {
        name: folders.checksum(folder / name) if (folder / name).is_file() else sum
        for name, sum in facts["checksums"].items()
    }
    facts["checksum"] = folders.checksum_of_facts(facts)
    path.write_text(json.dumps(facts))


def same(one, other):
    assert one.parameters.arrays().keys() == other.parameters.arrays().keys()
    for name, array in one.parameters.arrays().items():
        np.testing.assert_array_equal(array, other.parameters.arrays()[name], err_msg=name)
    for name in ("program", "vocabularies", "column_vocabulary", "means", "targets", "signature", "settings", "report"):
        assert getattr(one, name) == getattr(other, name)
    assert one.history.equals(other.history)
    assert (one.seen is None) == (other.seen is None)


# There and back


def test_a_loaded_model_is_the_saved_one(fitted, saved):
    loaded = rw.load(saved)
    same(loaded, fitted)
    with pytest.warns(UnknownIdsWarning):
        np.testing.assert_array_equal(loaded.predict(PAIRS), fitted.predict(PAIRS))
    assert loaded.recommend([1, 2], 3).equals(fitted.recommend([1, 2], 3))
    assert str(loaded) == str(fitted)


def test_a_model_saved_again_is_the_same_bytes(saved, tmp_path):
    again = rw.load(saved).save(tmp_path / "again")
    files = sorted(path.relative_to(saved) for path in saved.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    for name in files:
        assert (saved / name).read_bytes() == (again / name).read_bytes()


def test_a_loaded_model_can_be_trained_further(saved):
    for array in rw.load(saved).parameters.arrays().values():
        assert array.flags.writeable


def test_a_process_that_never_saw_the_models_code_predicts_the_same(fitted, saved):
    script = (
        "import sys, json, rowwise as rw; "
        "print(json.dumps(rw.load(sys.argv[1]).predict({'user': [0, 3], 'film': [0, 4]}).tolist()))"
    )
    found = subprocess.run([sys.executable, "-c", script, str(saved)], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == fitted.predict({"user": [0, 3], "film": [0, 4]}).tolist()


def test_a_folder_holds_what_its_docstring_says_and_no_pickle(saved):
    names = sorted(path.relative_to(saved).as_posix() for path in saved.rglob("*") if path.is_file())
    assert names == [
        "model.json",
        "program.json",
        "seen.parquet",
        "tables.safetensors",
        "vocabulary/0.parquet",
        "vocabulary/1.parquet",
    ]


def test_a_model_without_seen_pairs_is_saved_too(tmp_path):
    assert rw.load(Fitted(replace(two_keys().trained, seen=None)).save(tmp_path / "model")).seen is None


# Replacing


def test_an_older_model_is_replaced(fitted, saved, tmp_path):
    two_keys().save(saved)
    same(rw.load(saved), two_keys())
    assert [path.name for path in tmp_path.iterdir()] == ["model"]  # and nothing is left beside it


def test_an_older_model_is_replaced_where_folders_cannot_change_places(saved, tmp_path, monkeypatch):
    monkeypatch.setattr(swap, "exchange", lambda one, other: False)
    two_keys().save(saved)
    same(rw.load(saved), two_keys())
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_link_to_a_model_stays_a_link(saved, tmp_path):
    link = tmp_path / "latest"
    link.symlink_to(saved)
    two_keys().save(link)
    assert link.is_symlink()
    same(rw.load(saved), two_keys())


def test_an_empty_folder_is_used(fitted, tmp_path):
    (tmp_path / "model").mkdir()
    same(rw.load(fitted.save(tmp_path / "model")), fitted)


def test_folders_above_are_made(fitted, tmp_path):
    same(rw.load(fitted.save(tmp_path / "a" / "b" / "model")), fitted)


@pytest.mark.parametrize("name", ["notes.txt", "model.json", "vocabulary"])
def test_a_folder_that_is_no_model_is_never_touched(fitted, tmp_path, name):
    folder = tmp_path / "papers"
    (folder / "vocabulary").mkdir(parents=True)
    (folder / "notes.txt").write_text("dear diary")
    if name == "model.json":
        (folder / name).write_text("{}")  # other tools call a file so, too
    with pytest.raises(BadFolder, match=r"(?s)papers exists and is not a saved model.*give another name"):
        fitted.save(folder)
    assert (folder / "notes.txt").read_text() == "dear diary"


def test_a_file_is_never_touched(fitted, tmp_path):
    (tmp_path / "model").write_text("dear diary")
    with pytest.raises(BadFolder, match="exists and is not a saved model"):
        fitted.save(tmp_path / "model")
    assert (tmp_path / "model").read_text() == "dear diary"


def test_a_model_with_somebodys_file_in_it_is_not_replaced(fitted, saved):
    (saved / "notes.txt").write_text("dear diary")
    with pytest.raises(BadFolder, match=r"(?s)holds notes\.txt, which is not part of the model.*move notes\.txt away"):
        two_keys().save(saved)
    same(rw.load(saved), fitted)  # loading does not mind


@pytest.mark.parametrize("leads_to", [".", "nowhere"])
def test_a_model_with_somebodys_link_in_it_is_not_replaced(saved, tmp_path, leads_to):
    (saved / "backup").symlink_to(tmp_path / leads_to)
    with pytest.raises(BadFolder, match="holds backup, which is not part of the model"):
        two_keys().save(saved)
    assert (saved / "backup").is_symlink()


@pytest.mark.parametrize("function", ["rename", "fsync"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_an_error_in_the_middle_of_saving_leaves_the_old_model(fitted, saved, tmp_path, monkeypatch, function, call):
    monkeypatch.setattr(swap, "exchange", lambda one, other: False)  # the way with more steps
    real, calls = getattr(os, function), []

    def broken(*args, **options):
        calls.append(args)
        if len(calls) == call:
            raise OSError(28, "No space left on device")
        return real(*args, **options)

    monkeypatch.setattr(os, function, broken)
    if function == "rename" and call == 3:  # there are two
        two_keys().save(saved)
        return
    with pytest.raises(OSError, match="the disk is full"):
        two_keys().save(saved)
    monkeypatch.undo()
    same(rw.load(saved), fitted)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


# Refusing


def test_no_folder_and_no_model_are_told_apart(tmp_path):
    with pytest.raises(BadFolder, match=r"(?s)nowhere holds no saved model.*there is no such folder"):
        rw.load(tmp_path / "nowhere")
    with pytest.raises(BadFolder, match=r"(?s)holds no saved model.*to mend:  check the path"):
        rw.load(tmp_path)


FILES = ["tables.safetensors", "program.json", "vocabulary/0.parquet", "seen.parquet"]


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_found(saved, name):
    whole = bytearray((saved / name).read_bytes())
    whole[len(whole) // 2] ^= 1
    (saved / name).write_bytes(whole)
    with pytest.raises(
        BadFolder, match=rf"(?s)model is damaged: {name} is not the file that was saved.*copy the folder"
    ):
        rw.load(saved)


def test_a_flipped_byte_of_the_facts_is_found(saved):
    text = (saved / "model.json").read_text()
    (saved / "model.json").write_text(text.replace("camps", "cramp", 1))
    with pytest.raises(BadFolder, match=r"model\.json is not the file that was saved"):
        rw.load(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_found(saved, name):
    (saved / name).write_bytes((saved / name).read_bytes()[:-1])
    with pytest.raises(BadFolder, match=f"{name} is not the file that was saved"):
        rw.load(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(BadFolder, match=f"{name} is missing"):
        rw.load(saved)


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", "3", '{"format": "1"}', '{"format": 1, "checksums": []}', "[" * 10**5]
)
def test_facts_that_cannot_be_read_are_refused(saved, text):
    (saved / "model.json").write_text(text)
    with pytest.raises(BadFolder, match=r"model\.json cannot be read"):
        rw.load(saved)


def test_an_edited_checksum_is_found(saved):
    edit_facts(saved, lambda facts: None)
    rw.load(saved)  # nothing was changed
    path = saved / "model.json"
    facts = json.loads(path.read_text())
    facts["checksums"]["tables.safetensors"] = "0" * 64
    facts["checksum"] = folders.checksum_of_facts(facts)
    path.write_text(json.dumps(facts))
    with pytest.raises(BadFolder, match=r"tables\.safetensors is not the file that was saved"):
        rw.load(saved)


def test_a_newer_format_asks_for_a_newer_version(saved):
    edit_facts(saved, lambda facts: facts.update(format=folders.FORMAT + 1))
    with pytest.raises(
        BadFolder, match=r"(?s)was written in format 4 by a newer Rowwise.*pip install --upgrade rowwise"
    ):
        rw.load(saved)


def test_names_that_lead_outside_the_folder_are_refused(saved, tmp_path):
    (tmp_path / "secret").write_text("secret")
    for name in ("../secret", str(tmp_path / "secret")):
        edit_facts(saved, lambda facts, name=name: facts["checksums"].update({name: "0"}))
        with pytest.raises(BadFolder, match="outside the folder"):
            rw.load(saved)
        edit_facts(saved, lambda facts, name=name: facts["checksums"].pop(name))


def test_a_link_that_leads_outside_the_folder_is_refused(saved, tmp_path):
    shutil.move(saved / "program.json", tmp_path / "program.json")
    (saved / "program.json").symlink_to(tmp_path / "program.json")
    with pytest.raises(BadFolder, match=r"program\.json is a link, which may lead outside"):
        rw.load(saved)


def test_a_file_without_a_checksum_is_not_read(saved):
    for name in ("program.json", "vocabulary/1.parquet"):
        edit_facts(saved, lambda facts, name=name: facts["checksums"].pop(name))
        with pytest.raises(BadFolder, match=f"lists no checksum of {name}"):
            rw.load(saved)
        edit_facts(saved, lambda facts, name=name: facts["checksums"].update({name: ""}))
    edit_facts(saved, lambda facts: facts["checksums"].pop("seen.parquet"))
    assert rw.load(saved).seen is None


class Bomb:
    """What a pickle would do."""

    def __reduce__(self):
        return os.mkdir, (str(Path(os.environ["ROWWISE_TEST_BOMB"])),)


@pytest.mark.parametrize("name", FILES)
def test_a_pickle_in_the_place_of_a_file_runs_nothing(saved, name, tmp_path, monkeypatch):
    monkeypatch.setenv("ROWWISE_TEST_BOMB", str(tmp_path / "exploded"))
    (saved / name).write_bytes(pickle.dumps(Bomb()))
    edit_facts(saved, lambda facts: None)
    with pytest.raises(BadFolder):
        rw.load(saved)
    (saved / "extra.pkl").write_bytes(pickle.dumps(Bomb()))
    assert not (tmp_path / "exploded").exists()
    pickle.loads(pickle.dumps(Bomb()))  # the bomb is a real one
    assert (tmp_path / "exploded").exists()


def hostile_program(change):
    def put(folder):
        path = folder / "program.json"
        program = json.loads(path.read_text())
        change(program)
        path.write_text(json.dumps(program))

    return put


def hostile_tables(change):
    def put(folder):
        path = folder / "tables.safetensors"
        arrays = dict(load_file(path))
        change(arrays)
        save_file(arrays, path)

    return put


PAIRS_KEPT = {"user": pl.Int32, "item": pl.Int32}


USER = "table/user"


def hostile_seen(folder):
    pl.DataFrame({"user": [1, 2], "item": [3, 10**6]}, schema=PAIRS_KEPT).write_parquet(folder / "seen.parquet")


@pytest.mark.parametrize(
    ("attack", "text"),
    [
        (hostile_program(lambda p: p["steps"].clear()), "which nothing before it assigns"),
        (hostile_program(lambda p: p["steps"][0].update(primitive="system")), "'system' has no arrays rule"),
        (hostile_program(lambda p: p["steps"][0].update(params={"indices": [10**9]})), "the program is broken"),
        (hostile_program(lambda p: p["inputs"][0]["value"].update(shape=[10**12])), "the program is broken"),
        (hostile_program(lambda p: p.pop("updates")), "KeyError"),
        (
            hostile_tables(lambda a: a.update({USER: a[USER][:, :1]})),
            r"array 'table/user' is float32 of shape \(9, 1\), not",
        ),
        (
            hostile_tables(lambda a: a.update({USER: a[USER][:4]})),
            r"array 'table/user' is float32 of shape \(4, 3\), not",
        ),
        (hostile_tables(lambda a: a.update({USER: a[USER].astype(np.float64)})), "array 'table/user' is float64"),
        (hostile_tables(lambda a: a.pop("table/film")), "array 'table/film' is missing"),
        (hostile_tables(lambda a: a.pop("state 2/film")), "array 'state 2/film' is missing"),
        (hostile_tables(lambda a: a.update(more=a["table/film"])), "array 'more' is .*, not missing"),
        (hostile_seen, "seen.parquet names rows that no vocabulary has"),
    ],
)
def test_a_hostile_file_is_refused(saved, attack, text):
    attack(saved)
    edit_facts(saved, lambda facts: None)
    with pytest.raises(BadFolder, match=f"(?s)model is damaged: .*{text}"):
        rw.load(saved)


@pytest.mark.parametrize(
    "change",
    [
        {"vocabularies": ["user"]},
        {"vocabularies": 7},
        {"column_vocabulary": {}},
        {"means": None},
        {"history": "long"},
        {"targets": "anything"},
        {"means": {"mean": "high"}},
        {"settings": None},
    ],
    ids=str,
)
def test_facts_that_do_not_fit_the_files_are_refused(saved, change):
    edit_facts(saved, lambda facts: facts.update(change))
    with pytest.raises(BadFolder, match=r"(?s)model is damaged"):
        rw.load(saved)


def test_a_model_with_texts_of_other_shapes_round_trips(tmp_path):
    # what JSON would turn into something else: an infinite error, a schedule, a name in another script
    settings = {"batch_size": 1, "seed": 0, "engine": "keine – ∞", "learning_rate": [0.1, 0.05]}
    history = pl.DataFrame({"epoch": [1, 2], "loss": [float("inf"), 0.5]})
    odd = Fitted(replace(two_keys().trained, settings=settings, report="zwei\nZeilen", history=history))
    same(rw.load(odd.save(tmp_path / "модель")), odd)


def test_a_folder_of_the_first_format_is_read(fitted, saved):
    def old(name):
        kind, _, table = name.partition("/")
        return f"{table}/{kind.removeprefix('state ')}" if kind.startswith("state ") else table

    path = saved / "tables.safetensors"
    save_file({old(name): array for name, array in load_file(path).items()}, path)
    program = json.loads((saved / "program.json").read_text())
    mean = next(i for i in program["inputs"] if i["kind"] == "statistic")
    mean["kind"] = mean.pop("statistic")
    (saved / "program.json").write_text(json.dumps(program))
    edit_facts(saved, lambda facts: facts.update(format=1))
    found = rw.load(saved)
    same(found, fitted)
    same(rw.load(found.save(saved)), fitted)  # in today's format


@pytest.mark.parametrize("version", [0, -1])
def test_a_format_that_never_was_is_refused(saved, version):
    edit_facts(saved, lambda facts: facts.update(format=version))
    with pytest.raises(BadFolder, match="there is no format"):
        rw.load(saved)
