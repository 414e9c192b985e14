"""The three sizes kept apart: vocabulary, length, dim."""

import polars as pl
import pytest

import rowwise as rw
from rowwise.api import zoo_text
from rowwise.errors import BadOption

TEXTS = ["the good film", "the bad film", "the good", "the bad", "the film of the year"]
REVIEWS = pl.DataFrame({"text": TEXTS, "label": [1, 0, 1, 0, 1]})


@rw.model(target="label", loss=rw.binary_cross_entropy)
def mean_of_eight(words=rw.Rows("text", 2, length=8, text=rw.Text(size=6)), weights=rw.Weight(2, init="ones")):
    return words.mean(0) @ weights


@pytest.fixture(scope="module")
def fitted():
    return mean_of_eight.fit(REVIEWS, epochs=1)


def test_each_step_says_its_size_and_what_set_it(fitted, golden):
    golden("encoded.txt", str(fitted.encode("The good year!")))


def test_a_long_text_says_what_was_cut(fitted, golden):
    golden("encoded_long.txt", str(fitted.encode(" ".join(["the good film"] * 5))))


def test_a_bag_has_no_length(golden):
    bag = zoo_text.bag_of_words.replace(words=rw.Bag("text", text=rw.Text(ngrams=2, min_count=2)))
    golden("encoded_bag.txt", str(bag.fit(REVIEWS, epochs=1).encode("the good film")))


def test_the_words_without_a_row_are_named_and_the_shape_is_that_of_the_rows(fitted):
    encoded = fitted.encode("the year of the good film")
    assert encoded.rare == ["year", "of"]
    assert encoded.rows == (8, 2)
    assert encoded.read.tolist() == [0, 0, 1, 5, 5, 1, 3, 2]


def test_the_tables_to_choose_sizes_by_are_shown(fitted, golden, capsys):
    fitted.encode("the good").show()
    golden("encoded_shown.txt", capsys.readouterr().out.rstrip("\n"))


def test_a_model_without_texts_says_so(fitted):
    with pytest.raises(BadOption, match="reads no texts from column='title'\n  expected: a column of texts: text"):
        fitted.encode("the", column="title")


def test_the_picture_shows_what_each_size_keeps_and_which_was_chosen(fitted):
    lengths, coverage, kept = fitted.plot_texts().axes
    assert sum(bar.get_height() for bar in lengths.patches) == len(TEXTS)
    assert lengths.lines[-1].get_xdata()[0] == 8
    assert kept.lines[0].get_ydata()[-1] == 1  # the longest text is kept whole
    assert coverage.lines[-1].get_xdata()[0] == 6
    assert zoo_text.bag_of_words.fit(REVIEWS, epochs=1).plot_texts().axes[0].lines[:] == []  # a bag has no length
