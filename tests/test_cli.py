"""The command line, as a person meets it: what it prints, what it writes, and how it refuses."""

import json
import signal
import subprocess
import sys
import zipfile

import click
import polars as pl
import pytest
from click.testing import CliRunner

import rowwise as rw
from camps import two_camps
from rowwise import cli
from rowwise.api import recommender
from rowwise.cli import options, training, words

COLUMNS = ("--user", "user", "--item", "film", "--target", "stars")


def run(*args, status=0):
    """What a command prints on (standard output, standard error), when its exit status is `status`."""
    done = CliRunner().invoke(cli.main, [str(arg) for arg in args], prog_name="rowwise")
    assert done.exit_code == status, done.output
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with ratings.csv, films.csv and a model of two camps."""
    folder = tmp_path_factory.mktemp("cli")
    two_camps().write_csv(folder / "ratings.csv")
    films = [{"film": film, "title": f"{('Even', 'Odd')[film % 2]} Film {film}", "year": 2000} for film in range(20)]
    pl.DataFrame(films).write_csv(folder / "films.csv")
    said = run("train", folder / "ratings.csv", *COLUMNS, "-o", folder / "model", "--factors", 4, "--epochs", 200)
    (folder / "said.txt").write_text(said[0])
    return folder


# Train


def test_python_m_rowwise_is_the_command_rowwise():
    done = subprocess.run([sys.executable, "-m", "rowwise", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"rowwise {rw.__version__}\n"


def test_training_says_what_it_read_how_wrong_it_is_and_what_to_do_next(here):
    said = (here / "said.txt").read_text()
    assert "360 examples from ratings.csv: 20 different user, 20 different film" in said
    assert "error on the 36 ratings held back" in said
    assert [line.split()[0] for line in said.splitlines() if line.startswith("  ")][:4] == [
        "model", "predict", "biases", "matrix",
    ]  # fmt: skip
    assert f"saved {here / 'model'}/" in said
    assert f"rowwise recommend {here / 'model'}/ --user 0" in said


def test_biases_know_nothing_of_camps_and_rows_do(here):
    said = (here / "said.txt").read_text()
    mse = {
        words[0]: float(words[2]) for line in said.splitlines() if len(words := line.split()) == 5 and "." in words[-1]
    }
    assert mse["biases"] > 3
    assert mse["matrix"] < 0.5


def test_the_error_printed_is_the_one_that_training_measured(here):
    said = (here / "said.txt").read_text()
    assert f"{rw.load(here / 'model').history['validation_mse'][-1]:.4f}" in said


def test_progress_goes_to_the_standard_error(tmp_path):
    two_camps().write_csv(tmp_path / "ratings.csv")
    said, progress = run("train", tmp_path / "ratings.csv", "-o", tmp_path / "m", "--epochs", 2, "--validation", 0)
    assert [line.partition(":")[0] for line in progress.splitlines()] == ["epoch 1/2", "epoch 2/2"]
    assert "error on the" not in said
    assert "no ratings were held back" in said


def test_a_file_of_its_own_may_be_the_validation(tmp_path):
    ratings = two_camps()
    ratings.head(300).write_csv(tmp_path / "train.csv")
    ratings.tail(60).write_csv(tmp_path / "test.csv")
    said, _ = run("train", tmp_path / "train.csv", "-o", tmp_path / "m", "--validation", tmp_path / "test.csv")
    assert "error on the 60 ratings held back" in said


def test_ratings_come_out_of_a_database(tmp_path):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        shop.execute("create table reviews (who text, what text, stars real)")
        shop.executemany(
            "insert into reviews values (?, ?, ?)", [(f"u{u}", f"f{f}", s) for u, f, s in two_camps().rows()]
        )
        shop.commit()
    url, query = f"sqlite:///{tmp_path / 'shop.db'}", "select who, what, stars from reviews"
    said, _ = run("train", url, "--sql", query, "-o", tmp_path / "m", "--epochs", 2)
    assert "20 different who, 20 different what" in said
    assert "f3" in run("recommend", tmp_path / "m", "--user", "u3")[0]


def test_the_defaults_in_the_help_are_those_of_the_recommender():
    defaults = {**recommender.Recommender().get_params(), **recommender.MODELS["matrix_factorization"]}
    said, _ = run("train", "--help")
    for name in ("factors", "epochs", "learning_rate", "reg"):
        shown = next(p.help for p in cli.train.params if p.name == name)
        assert f"[default: {defaults[name]}]" in shown
    assert "--learning-rate" in said
    assert tuple(recommender.MODELS) == training.MODELS


# Use


def test_the_film_of_my_camp_is_recommended_by_its_title(here):
    said, _ = run("recommend", here / "model", "--user", 4, "-n", 1, "--items", here / "films.csv")
    header, line = said.splitlines()
    assert header.split() == ["film", "title", "prediction"]
    assert line.split()[:4] == ["4", "Even", "Film", "4"]


def test_neighbours_are_told_by_title_and_come_from_the_same_camp(here):
    said, _ = run("similar", here / "model", "--item", 4, "-n", 5, "--items", here / "films.csv")
    assert said.splitlines()[0] == "like Even Film 4:"
    assert all("Even" in line for line in said.splitlines()[2:])


def test_users_have_neighbours_too(here):
    said, _ = run("similar", here / "model", "--user", 4, "-n", 5, "--json")
    assert all(one["user"] % 2 == 0 for one in json.loads(said))


def test_no_line_is_longer_than_80_letters_and_numbers_are_whole(here, tmp_path):
    pl.DataFrame({"film": range(20), "title": ["A very long title, " * 8] * 20}).write_csv(tmp_path / "films.csv")
    said, _ = run("recommend", here / "model", "--user", 4, "--user", 5, "--items", tmp_path / "films.csv")
    assert max(len(line) for line in said.splitlines()) <= 80
    assert "…" in said
    assert all("." in line.split()[-1] for line in said.splitlines()[1:])


def test_a_title_is_shown_as_it_is_and_cannot_move_the_cursor(here, tmp_path):
    pl.DataFrame({"film": range(20), "title": ["[bold]\x1b[2J"] * 20}).write_csv(tmp_path / "films.csv")
    said, _ = run("recommend", here / "model", "--user", 4, "--items", tmp_path / "films.csv")
    assert "[bold]" in said
    assert "\x1b" not in said


def test_evaluate_prints_the_errors_or_json(here):
    said, _ = run("evaluate", here / "model", here / "ratings.csv")
    assert said.startswith("MSE ")
    facts = json.loads(run("evaluate", here / "model", here / "ratings.csv", "--json")[0])
    assert facts["examples"] == 360
    assert facts["unknown"] == {"user": 0, "film": 0}
    assert f"MSE {facts['mse']:.4f}" in said


def test_evaluate_prints_the_metrics_that_are_asked_for(here):
    said, _ = run("evaluate", here / "model", here / "ratings.csv", "--metric", "r2", "--metric", "rmse")
    assert said.startswith("R2 ")
    assert ", RMSE " in said
    done = CliRunner().invoke(
        cli.main, ["evaluate", str(here / "model"), str(here / "ratings.csv"), "--metric", "rmes"]
    )
    assert done.exit_code == 2
    assert "did you mean 'rmse'?" in done.stderr


def test_info_prints_the_model_or_json(here):
    said, _ = run("info", here / "model")
    assert "matrix_factorization(user, item, user_bias, item_bias) = user_bias + item_bias" in said
    assert json.loads(run("info", here / "model", "--json")[0])["tables"]["user"] == [21, 4]


# Open


def test_steps_walk_through_one_pair_and_its_update(here):
    said, _ = run("steps", here / "model", "--user", 4, "--item", 5, "--target", 1)
    assert "d cost / d user" in said
    assert "row 5 of vocabulary user" in said  # row 0 is the unknown one
    assert max(len(line) for line in said.splitlines()) <= 80


def test_steps_of_a_row_of_a_file_and_of_two_side_by_side(here):
    assert "d cost / d user" in run("steps", here / "model", here / "ratings.csv", "--row", 3)[0]
    said, _ = run("steps", here / "model", here / "ratings.csv", "--row", 3, "--row", 4)
    assert "row 3" in said
    assert "row 4" in said
    _, told = run("steps", here / "model", here / "ratings.csv", "--row", 360, status=2)
    assert "--row 360\n  expected: a row of ratings.csv, 0 to 359" in told
    _, told = run("steps", here / "model", "--user", 4, status=2)
    assert "name an example" in told


def test_steps_as_shapes_as_json_and_as_a_page(here, tmp_path):
    pair = ("--user", 4, "--item", 5)
    assert "weights" in run("steps", here / "model", *pair, "--shapes")[0]
    assert json.loads(run("steps", here / "model", *pair, "--json")[0])[0]["model"] == "matrix_factorization"
    run("steps", here / "model", *pair, "--html", tmp_path / "steps.html")
    assert (tmp_path / "steps.html").read_text().lower().startswith("<!doctype html>")


def test_a_model_is_written_as_a_workbook(here, tmp_path):
    out = tmp_path / "model.xlsx"
    said, _ = run("sheet", here / "model", "-o", out, "--data", here / "ratings.csv", "--items", here / "films.csv")
    assert said == f"wrote {out}\n"
    assert zipfile.is_zipfile(out)


def test_a_model_of_texts_is_written_as_a_workbook_of_words(tmp_path):
    import openpyxl

    texts = ["a good film", "good fun", "a bad film", "bad acting"]
    rw.TextClassifier(epochs=1).fit(texts, ["yes", "yes", "no", "no"], progress=False).fitted_.save(tmp_path / "model")
    pl.DataFrame({"text": texts}).write_csv(tmp_path / "texts.csv")
    run("sheet", tmp_path / "model", "-o", tmp_path / "words.xlsx", "--data", tmp_path / "texts.csv", "--texts", 2)
    page = openpyxl.load_workbook(tmp_path / "words.xlsx")["words"]
    assert [cell.value for cell in page["A"]].count("a good film") == 1
    assert [cell.value for cell in page["A"]].count("text 2") == 2
    assert "text 3" not in [cell.value for cell in page["A"]]


def test_a_workbook_that_nobody_changed_gives_back_the_model(here, tmp_path):
    run("sheet", here / "model", "-o", tmp_path / "model.xlsx", "--data", here / "ratings.csv")
    said, _ = run("unsheet", here / "model", tmp_path / "model.xlsx", "-o", tmp_path / "edited")
    assert "edited/: 0 numbers are not those of" in said
    pair = pl.DataFrame({"user": [4], "film": [4]})
    assert rw.load(tmp_path / "edited").predict(pair) == rw.load(here / "model").predict(pair)


def test_a_model_of_ids_walks_through_no_text(here):
    assert "reads no text" in run("steps", here / "model", "--text", "good", status=2)[1]


# Predict


@pytest.fixture
def pairs(tmp_path):
    """Three pairs: a loved film, a hated one, and a user whom training never saw."""
    path = tmp_path / "pairs.csv"
    pl.DataFrame({"user": [3, 3, 99], "film": [3, 4, 0], "note": ["a", "b", "c"]}).write_csv(path)
    return path


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "ndjson", "arrow"])
def test_predictions_are_the_data_with_one_column_more(here, pairs, tmp_path, suffix):
    out = tmp_path / f"predicted.{suffix}"
    run("predict", here / "model", pairs, "-o", out)
    frame = rw.read(out)
    assert frame.columns == ["user", "film", "note", "prediction"]
    assert frame["note"].to_list() == ["a", "b", "c"]
    assert frame["prediction"][0] > 4 > 2 > frame["prediction"][1]


def test_without_a_file_predictions_are_printed(here, pairs):
    said, noted = run("predict", here / "model", pairs)
    assert said.splitlines()[0] == "user,film,note,prediction"
    assert noted == "note: training never saw the user of 1 of 3 examples: answered from the unknown row\n"


def test_predictions_as_json_are_the_same_numbers(here, pairs):
    as_json = json.loads(run("predict", here / "model", pairs, "--json")[0])
    as_csv = run("predict", here / "model", pairs)[0].splitlines()[1:]
    assert [one["prediction"] for one in as_json] == pytest.approx([float(line.split(",")[-1]) for line in as_csv])


def test_predictions_that_cannot_be_written_leave_the_old_ones(here, pairs, tmp_path):
    out = tmp_path / "predicted.csv"
    out.write_text("the old ones")
    pairs.write_text("user,film\n3,\n")
    run("predict", here / "model", pairs, "-o", out, status=2)
    assert out.read_text() == "the old ones"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.csv", "predicted.csv"]


def test_a_column_is_never_written_over(here, pairs):
    _, told = run("predict", here / "model", pairs, "--column", "note", status=2)
    assert "pairs.csv has a column 'note' already" in told
    assert "--column my_note" in told


# Refusals


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["trian"], ["there is no command 'trian'", "did you mean 'train'?"]),
        (["train", "rating.csv"], ["there is no file", "did you mean 'ratings.csv'?"]),
        (["train", "ratings.csv", "--user", "users"], ["has no column 'users'", "did you mean 'user'?"]),
        (["train", "ratings.csv", "-o", "full"], ["full exists and is not a saved model", "give another name"]),
        (["train", "ratings.csv", "--validation", "2"], ["--validation 2", "a share between 0 and 1, or a file"]),
        (["train", "ratings.csv", "--model", "biases_only", "--factors", "9"], ["--factors 9", "leave --factors out"]),
        (["train", "ratings.csv", "--epochs", "0"], ["--epochs 0", "a whole number from 1", "--epochs 20"]),
        (["train", "text.csv"], ["text.csv, line 3: 'stars' is 'many'", "a finite number", "correct the cell"]),
        (["evaluate", "no_model", "ratings.csv"], ["no_model holds no saved model", "there is no such folder"]),
        (["recommend", "model", "--user", "bob"], ["'bob' is no user", "a whole number"]),
        (["recommend", "model", "--user", "1", "-n", "0"], ["-n 0", "a whole number from 1", "-n 10"]),
        (["recommend", "model", "--user", "1", "--value", "hour"], ["--value hour", "--value hour=12"]),
        (["recommend", "model", "--user", "1", "--items", "one.csv"], ["one.csv has only the column 'film'"]),
        (["similar", "model", "--item", "77"], ["77 is not in the 'film' vocabulary"]),
        (["similar", "model"], ["name one item with --item, one user with --user, or one word"]),
        (["predict", "model", "films.csv"], ["films.csv has no column 'user'"]),
        (["predict", "model", "ratings.csv", "-o", "out.xls"], ["out.xls is in no format known", "out.csv"]),
        (["predict", "model", "ratings.csv", "-o", "no/out.csv"], ["there is no folder no"]),
        (["train", "ratings.csv", "--epoch", "3"], ["did you mean '--epochs'?"]),
    ],
    ids=lambda value: " ".join(value) if "train" in value else None,
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_the_way_to_mend_it(here, monkeypatch, args, told):
    monkeypatch.chdir(here)
    (here / "full").mkdir(exist_ok=True)
    (here / "full" / "thesis.txt").write_text("precious")
    (here / "text.csv").write_text("user,film,stars\n1,2,3\n1,3,many\n")
    (here / "one.csv").write_text("film\n1\n")
    said, noted = run(*args, status=2)
    assert said == ""
    assert all(part in noted for part in told), noted
    assert "Traceback" not in noted


@pytest.mark.parametrize(
    ("python", "typed"),
    [
        ("epochs=20 is usual", "--epochs 20 is usual"),
        ("name them: Recommender(user='…', item='…')", "name them: --user '…' --item '…'"),
        ("lower learning_rate (it was 0.5), or raise l2", "lower --learning-rate (it was 0.5), or raise --reg"),
        ("leave factors= out", "leave --factors out"),
        ("another checkpoint=", "another --checkpoint"),
        ("column 'learning_rate' is there twice", "column 'learning_rate' is there twice"),
        ("fitted.steps(example) shows it", "fitted.steps(example) shows it"),
        ("rw.sql('SELECT a FROM b', url)", "--sql 'SELECT a FROM b'"),
    ],
)
def test_settings_are_told_as_they_are_typed(python, typed):
    assert words.as_typed(python, cli.train) == typed


NONSENSE = ("", "-1", "0", "2147483648", "1e39", "nan", "-inf", "9" * 5000, "1.5", "\x1b[31mred", "\udcff", "a=nan",
            "a=1e39", "=1", "\u202e", "[red]")  # fmt: skip
OPTIONS = [
    (name, option)
    for name, command in cli.main.commands.items()
    if name != "demo"
    for option in command.params
    if isinstance(option, click.Option) and not option.is_flag
]


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=lambda value: getattr(value, "name", value))
def test_nonsense_in_an_option_is_refused_in_three_lines_or_taken(here, tmp_path, monkeypatch, name, option):
    def as_far_as_that(*_, **__):
        raise rw.errors.BadData("as far as that")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rw.Recommender, "fit", as_far_as_that)
    monkeypatch.setattr(rw.TextClassifier, "fit", as_far_as_that)
    monkeypatch.setattr("rowwise.serve.run.run", as_far_as_that)
    model, data = str(here / "model"), str(here / "ratings.csv")
    usual = {"train": [data], "evaluate": [model, data], "predict": [model, data], "recommend": [model, "--user", "1"],
             "steps": [model, "--user", "1", "--item", "2"], "unsheet": [model, "none.xlsx"],
             "open": [model, "--save", "page.html"]}  # fmt: skip
    typed_as = max(option.opts, key=len)
    for typed in NONSENSE:
        done = CliRunner().invoke(cli.main, [name, *usual.get(name, [model]), typed_as, typed], prog_name="rowwise")
        assert done.exit_code in (0, 2), (typed, done.output, done.exception)
        assert not set("\x1b\u202e\udcff") & set(done.stderr)
        if done.exit_code == 2 and isinstance(option.type, options.Whole | options.Number | options.Named):
            assert f"{typed_as} " in done.stderr or "as far as that" in done.stderr


def test_the_ends_of_each_range_train(here, tmp_path):
    ends = ("--seed", 2**31 - 1, "--min-count", 1, "--threads", 1024, "--learning-rate", 0, "--reg", 0, "--factors", 1)
    run("train", here / "ratings.csv", *COLUMNS, "--epochs", 1, *ends, "-o", tmp_path / "model")


def test_an_unknown_user_is_answered_and_said(here):
    said, noted = run("recommend", here / "model", "--user", 99, "-n", 2)
    assert len(said.splitlines()) == 3
    assert noted == "note: training never saw user 99: answered from the unknown row\n"


def test_a_fault_of_our_own_is_shown_as_one(here, monkeypatch):
    monkeypatch.setattr("rowwise.api.fitted.load", lambda folder: 1 / 0)
    done = CliRunner().invoke(cli.main, ["info", str(here / "model")])
    assert done.exit_code == 1
    assert isinstance(done.exception, ZeroDivisionError)


def test_a_folder_that_may_not_be_written_is_told_in_a_line(here, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "/model")

    monkeypatch.setattr("rowwise.api.fitted.Fitted.save", refuse)
    _, told = run("train", here / "ratings.csv", "-o", here / "other", "--epochs", 1, "--validation", 0, status=2)
    assert told.splitlines()[-1] == "/model: Permission denied"


def test_ctrl_c_keeps_the_best_so_far(tmp_path):
    two_camps().write_csv(tmp_path / "ratings.csv")
    start = [sys.executable, "-c", "from rowwise.cli import main; main()"]
    command = ["train", str(tmp_path / "ratings.csv"), "-o", str(tmp_path / "m"), "--epochs", "100000"]
    with subprocess.Popen(start + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as training:
        assert training.stderr.readline().startswith("epoch 1/")
        training.send_signal(signal.SIGINT)  # it waits for us to read its next lines, and does not end before
        said, _ = training.communicate(timeout=60)
    assert training.returncode == 0
    assert "stopped by hand after epoch" in said
    assert len(rw.load(tmp_path / "m").history) < 100_000


# Help


@pytest.mark.parametrize("command", [None, *cli.main.commands])
def test_every_help_shows_an_example_that_fits_the_screen(command):
    said, _ = run(*([command] if command else []), "--help")
    example = said.partition("Example:\n")[2]
    assert example.strip().startswith(f"rowwise {command or ''}".strip())
    options = said.partition("Example:")[0]
    assert max(len(line) for line in options.splitlines()) <= 80


def test_the_version_is_that_of_the_package():
    assert run("--version")[0] == f"rowwise {rw.__version__}\n"
