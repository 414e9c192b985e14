import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.data.ragged import Ragged, starts_of

lists = st.lists(st.lists(st.integers(min_value=1, max_value=9), max_size=12), min_size=1, max_size=6)


def ragged(rows):
    return Ragged(
        starts_of(np.array([len(row) for row in rows])), np.array([number for row in rows for number in row], np.int32)
    )


def keras_pad_sequences(sequences, maxlen, padding, truncating):
    """The rule of Keras' `pad_sequences` with value=0, spelled out."""
    padded = []
    for sequence in sequences:
        kept = sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen]
        zeros = [0] * (maxlen - len(kept))
        padded.append(zeros + kept if padding == "pre" else kept + zeros)
    return padded


@given(
    lists, st.integers(min_value=1, max_value=8), st.sampled_from(["front", "back"]), st.sampled_from(["front", "back"])
)
def test_padding_is_what_keras_does(rows, length, side, cut):
    theirs = {"front": "pre", "back": "post"}
    expected = keras_pad_sequences(rows, length, theirs[side], theirs[cut])
    assert ragged(rows).pad(length, side, cut).tolist() == expected


def test_padding_is_what_keras_itself_gives():
    keras = pytest.importorskip("keras", reason="Keras is not installed (extra `peers`)")
    rows = [[1, 2, 3, 4], [5], []]
    for side, cut, padding, truncating in (("front", "front", "pre", "pre"), ("back", "front", "post", "pre")):
        theirs = keras.utils.pad_sequences(rows, maxlen=3, padding=padding, truncating=truncating)
        assert ragged(rows).pad(3, side, cut).tolist() == theirs.tolist()


@given(lists, st.data())
def test_taking_lists_is_taking_them_one_by_one(rows, data):
    index = data.draw(st.lists(st.integers(min_value=0, max_value=len(rows) - 1), min_size=1))
    taken = ragged(rows).take(np.array(index))
    assert [taken[k].tolist() for k in range(len(taken))] == [rows[i] for i in index]


def test_rows_are_counted_over_the_edge_of_a_piece(monkeypatch):
    from rowwise.data import ragged

    monkeypatch.setattr(ragged, "PIECE", 4)
    assert ragged.counted(np.array([[2, 0, 2], [5, 2, 0]], np.int32), 7).tolist() == [2, 0, 3, 0, 0, 1, 0]
