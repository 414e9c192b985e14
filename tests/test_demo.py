"""`rowwise demo`: one look at real ratings, from the error to the next commands."""

import re
import zipfile

import pytest
from click.testing import CliRunner

import rowwise as rw
from rowwise import cli


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What the demo prints, and the folder it leaves."""
    folder = tmp_path_factory.mktemp("demo")
    done = CliRunner().invoke(cli.main, ["demo", "-o", str(folder)], prog_name="rowwise")
    assert done.exit_code == 0, done.output
    return done.stdout, folder


def section(said, heading):
    """The lines under a heading, without the names of the columns."""
    return said.partition(heading)[2].partition("\n\n")[0].splitlines()[2:]


def test_the_recommender_beats_biases_and_biases_beat_the_mean(demo):
    lines = section(demo[0], "How wrong is it?")
    mean, biases, ours = (float(line.split()[-3]) for line in lines)
    assert mean > biases > ours


def test_the_ten_best_films_are_better_than_the_ten_worst(demo):
    best, worst = (section(demo[0], heading) for heading in ("The ten best films", "The ten worst"))
    assert len(best) == len(worst) == 10
    assert min(float(line.split()[0]) for line in best) > 0 > max(float(line.split()[0]) for line in worst)


def test_a_film_has_neighbours_and_a_user_has_recommendations(demo):
    assert len(section(demo[0], "Nearest to")) == 8
    recommended = section(demo[0], "What user 15 has not seen")
    predictions = [float(line.split()[0]) for line in recommended]
    assert predictions == sorted(predictions, reverse=True)


def test_the_model_is_left_where_it_says_and_the_next_commands_run(demo):
    said, folder = demo
    assert rw.load(folder / "model").recommend(15, 1)["movieId"].len() == 1
    assert zipfile.is_zipfile(folder / "model.xlsx")
    assert "Fellowship of the Ring" in (folder / "model.html").read_text(encoding="utf-8")
    next_commands = re.findall(r"^  rowwise (.*)$", said, flags=re.MULTILINE)
    assert len(next_commands) == 3
    for command in next_commands:
        assert CliRunner().invoke(cli.main, command.split()).exit_code == 0


def test_no_line_of_the_demo_is_longer_than_the_screen(demo):
    said, folder = demo
    assert [line for line in said.splitlines() if len(line) > 80 and str(folder) not in line] == []
