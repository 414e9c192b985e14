from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.data.vocabulary import FEW, Vocabulary
from rowwise.errors import BadData, BadFolder, UnknownId

texts = st.lists(st.text(min_size=1), min_size=1, unique=True)
integers = st.lists(st.integers(min_value=-(2**63), max_value=2**63 - 1), min_size=1, unique=True)


@given(texts | integers)
def test_a_vocabulary_gives_back_the_ids_it_was_given(ids):
    vocabulary = Vocabulary("film", ids)
    assert [vocabulary.ids[int(row)] for row in vocabulary.rows(ids)] == ids
    assert [vocabulary.row(id) for id in ids] == list(range(1, len(ids) + 1))


@given(texts | integers, st.randoms())
def test_the_order_of_the_examples_does_not_matter(ids, random):
    shuffled = [*random.sample(ids, len(ids)), ids[0]]
    assert Vocabulary.of("film", shuffled) == Vocabulary.of("film", ids)
    assert list(Vocabulary.of("film", ids).ids[1:]) == sorted(ids)


def test_row_0_is_unknown_and_known_ids_follow_in_order():
    vocabulary = Vocabulary("film", [31, 15, 7])
    assert list(vocabulary.ids) == [None, 31, 15, 7]
    assert len(vocabulary) == 4
    assert list(vocabulary.rows([7, 99, 31])) == [3, 0, 1]


@pytest.mark.parametrize(
    "ids", [[2, 1], np.array([2, 1], dtype=np.uint8), pl.Series([2.0, 1.0]), (id for id in (2, 1))]
)
def test_ids_come_in_many_wrappings(ids):
    assert list(Vocabulary("film", ids).ids) == [None, 2, 1]


def test_text_in_any_polars_or_numpy_form_is_text():
    for ids in (np.array(["b", "a"]), np.array(["b", "a"], dtype=object), pl.Series(["b", "a"], dtype=pl.Categorical)):
        assert list(Vocabulary("film", ids).ids) == [None, "b", "a"]


def test_a_number_finds_its_text_and_text_its_number():
    integers, text = Vocabulary("film", [15, 31]), Vocabulary("film", ["15", "31"])
    assert list(integers.rows(["31", "Heat"])) == [2, 0]
    assert list(integers.rows(np.array([31.0, 15.5, np.nan]))) == [2, 0, 0]
    assert list(text.rows([31, 32])) == list(text.rows(np.array([31.0, 32.0]))) == [2, 0]
    assert 15 in integers
    assert "15" in integers
    assert 15 in text


def test_a_vocabulary_of_whole_numbers_takes_text_in_its_canonical_spelling_only():
    vocabulary = Vocabulary("film", [7, 300, 0])
    assert list(vocabulary.rows(["7", "300", "0"])) == [1, 2, 3]
    assert not vocabulary.rows(["007", "+7", " 7", "7 ", "7.0", "7e0", "3E2", "-0", "00", "٧", "true", ""]).any()
    with pytest.raises(UnknownId, match="'007' is not in the 'film' vocabulary") as raised:
        vocabulary.row("007")
    assert raised.value.mend == "did you mean 7?"


@given(texts)
def test_a_vocabulary_of_text_takes_text_as_it_stands(ids):
    vocabulary = Vocabulary("film", ids)
    others = [id + " " for id in ids]
    assert [vocabulary.row(id) for id in ids] == list(range(1, len(ids) + 1))
    assert [row > 0 for row in vocabulary.rows(others)] == [other in ids for other in others]


@given(st.lists(st.integers(), min_size=1, unique=True))
def test_no_whole_number_is_changed_and_those_beyond_64_bits_are_text(ids):
    fits = all(-(2**63) <= id < 2**63 for id in ids)
    vocabulary = Vocabulary("film", ids)
    assert list(vocabulary.ids[1:]) == (ids if fits else [str(id) for id in ids])
    assert [vocabulary.row(id) for id in ids] == list(range(1, len(ids) + 1))


def test_a_float_that_stands_for_several_whole_numbers_is_none_of_them():
    vocabulary = Vocabulary("film", [2**53, 2**53 + 1, 2**53 - 1])
    assert list(vocabulary.rows([2.0**53, 2.0**53 - 1])) == [0, 3]
    assert list(vocabulary.rows([2**53 + 1, 1.0])) == [2, 0]
    assert list(Vocabulary("film", [2**24, 2**24 - 1]).rows(np.array([2**24, 2**24 - 1], np.float32))) == [0, 2]


def test_whole_numbers_come_in_any_type_that_holds_them_exactly():
    for ids in (
        pl.Series([7, 8], dtype=pl.UInt64),
        pl.Series([7, 8], dtype=pl.Int128),
        [Decimal("7.00"), Decimal("8")],
        [7, 8.0],
        np.array([7, 8.0], dtype=object),
    ):
        assert list(Vocabulary("film", ids).ids) == [None, 7, 8]
    assert list(Vocabulary("film", [7]).rows([Decimal("7.00"), Decimal("7.10")])) == [1, 0]


def test_what_is_no_id_is_in_no_vocabulary():
    vocabulary = Vocabulary("film", [1])
    assert not any(thing in vocabulary for thing in (2, "Heat", None, 1.5, [1], object()))


@pytest.mark.parametrize("kind", [int, str])
def test_many_ids_get_the_rows_that_few_get(kind):
    ids = [kind(id) for id in range(2 * FEW)]
    vocabulary = Vocabulary("film", ids[::2])
    rows = vocabulary.rows(ids)
    assert rows.dtype == np.int32
    assert list(rows) == [vocabulary.rows([id])[0] for id in ids]


def test_rare_and_missing_ids_share_the_unknown_row():
    vocabulary = Vocabulary.of("film", pl.Series(["Heat", None, "Alien", "Heat"]), min_count=2)
    assert list(vocabulary.ids) == [None, "Heat"]
    assert list(vocabulary.rows(["Alien", "Heat"])) == [0, 1]


def test_a_vocabulary_grows_at_its_end():
    vocabulary = Vocabulary("film", [31, 15])
    assert list(vocabulary.grown([9, 31, 3, 9]).ids) == [None, 31, 15, 3, 9]
    assert vocabulary.grown([15, None]) == vocabulary
    with pytest.raises(BadData, match="'film' vocabulary holds integers and cannot grow by text"):
        vocabulary.grown(["Heat"])


@given(texts | integers)
def test_saved_and_loaded_is_equal(tmp_path_factory, ids):
    path = tmp_path_factory.mktemp("vocabulary") / "film.parquet"
    vocabulary = Vocabulary("film", ids)
    vocabulary.save(path)
    assert Vocabulary.load(path) == vocabulary


def test_a_vocabulary_without_ids_has_the_unknown_row(tmp_path):
    vocabulary = Vocabulary.of("film", [7], min_count=2)
    vocabulary.save(tmp_path / "film.parquet")
    assert list(Vocabulary.load(tmp_path / "film.parquet").rows([7])) == [0]


@pytest.mark.parametrize("contents", [b"", b"PAR1 but not really", None])
def test_a_damaged_file_is_told(tmp_path, contents):
    path = tmp_path / "film.parquet"
    if contents is None:
        pl.DataFrame({"id": [1, 2]}).write_parquet(path)  # no unknown row
    else:
        path.write_bytes(contents)
    with pytest.raises(BadFolder, match=r"film\.parquet is not a saved vocabulary"):
        Vocabulary.load(path)


def test_an_unknown_id_is_told_with_one_spelt_like_it():
    vocabulary = Vocabulary("film", ["Toy Story", "Heat"])
    with pytest.raises(UnknownId, match=r"'Toy Stori' is not in the 'film' vocabulary") as raised:
        vocabulary.row("Toy Stori")
    assert raised.value.mend == "did you mean 'Toy Story'?"
    with pytest.raises(KeyError, match="one of its 1 ids"):
        Vocabulary("film", [15]).row(16)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([15, "Heat"], "the 'film' vocabulary mixes types: 15 is int, 'Heat' is str"),
        (np.array(["Heat", 15], dtype=object), "mixes types: 'Heat' is str, 15 is int"),
        ([15, 15], "15 is twice in the 'film' vocabulary"),
        ([15, None], "an id of the 'film' vocabulary is missing"),
        ([15, ""], "the 'film' vocabulary mixes types"),
        (["Heat", ""], "an id of the 'film' vocabulary is missing"),
        ([1.5], "an id of the 'film' vocabulary is missing, or a number that is not whole"),
        ([2.0**53], "missing, or a number that is not whole"),
        ([1, 2.5], "the 'film' vocabulary holds 2.5"),
        ([1, True], "the 'film' vocabulary mixes types: 1 is int, True is bool"),
        ([True], "the 'film' vocabulary holds Boolean"),
        ([b"Heat"], "the 'film' vocabulary holds Binary"),
    ],
)
def test_what_cannot_be_a_vocabulary_is_refused(ids, message):
    with pytest.raises(BadData, match=message):
        Vocabulary("film", ids)


def test_a_vocabulary_shows_its_first_ids():
    assert repr(Vocabulary("film", ["Heat"])) == "Vocabulary('film', 1 ids: 'Heat')"
    assert repr(Vocabulary("film", range(5000))) == "Vocabulary('film', 5,000 ids: 0, 1, 2, …)"
