from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.data.text import Text
from rowwise.data.word_vocabulary import RARE, WordVocabulary
from rowwise.errors import BadData, BadOption, UnknownId
from saved import vocabulary_in

REVIEWS = pl.Series(["The good, the bad.", "good good film", "bad film"])
sentences = st.lists(st.lists(st.sampled_from(["good", "bad", "film", "not", "ü", "x'y"]), max_size=8), min_size=1)


def learn(texts, **recipe):
    return WordVocabulary.learn("text", pl.Series(texts), Text(**recipe))


def words_of(vocabulary, text):
    return [vocabulary.ids[int(row)] for row in vocabulary.encode([text])[0]]


def slow_ngrams(tokens, longest):
    """Every run of 1 to `longest` tokens, by the place where it begins."""
    runs = [tokens[i : i + n] for i in range(len(tokens)) for n in range(1, longest + 1) if i + n <= len(tokens)]
    return [" ".join(run) for run in runs]


# Tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't go!", ["don't", "go", "!"]),
        ("Good<br /><BR>bad", ["good", "bad"]),
        ("<p class='x'>Caf&eacute; &amp; bar</p>", ["café", "&", "bar"]),
        ("I <3 it", ["i", "<", "3", "it"]),
        ("Ça va ΣΑΣ", ["ça", "va", "σας"]),
        ("cafe\u0301", ["café"]),  # an accent written apart is the same letter
        ("", []),
        (None, []),
    ],
)
def test_a_text_is_cut_into_words_and_marks(text, tokens):
    assert Text().tokens(pl.Series([text], dtype=pl.String))[0].to_list() == tokens


def test_what_counts_as_a_token_is_a_choice():
    text = pl.Series(["A <b>good</b> film, no?"])
    assert Text(punctuation=False).tokens(text)[0].to_list() == ["a", "good", "film", "no"]
    assert Text(lower=False, pattern="[A-Z]").tokens(text)[0].to_list() == ["A"]
    assert Text(markup=False, pattern="<[^>]*>").tokens(text)[0].to_list() == ["<b>", "</b>"]
    assert Text(tokenizer=str.split).tokens(text)[0].to_list() == ["A", "<b>good</b>", "film,", "no?"]


def test_lists_of_words_are_tokens_already():
    assert words_of(learn([["Good", "film"], ["Good"]]), ["film", "Good"]) == ["film", "Good"]


# Ranks


def test_words_rank_by_frequency_between_padding_and_the_rare_row():
    vocabulary = learn(["b a c b", "a b d"], size=5)
    assert list(vocabulary.ids) == [None, "b", "a", "c", RARE]
    assert vocabulary.encode(["a b c d e"])[0].tolist() == [2, 1, 3, 4, 4]
    assert vocabulary.counts.tolist() == [0, 3, 2, 1, 1]


def test_the_ids_of_the_lesson_come_out():
    """The lesson: `[i if i < size - 1 else size - 1 for i in ranks]`, where the rank of the most frequent word is 1."""
    text, size = "a a a a b b b c c d e f", 5
    ranks = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6}
    lesson = [min(ranks[word], size - 1) for word in text.split()]
    assert learn([text], size=size).encode([text])[0].tolist() == lesson


@given(sentences, st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_counted_and_coded_as_by_hand(texts, longest, min_count, distinct):
    counts = Counter(gram for tokens in texts for gram in slow_ngrams(tokens, longest))
    kept = {gram for gram, n in counts.items() if n >= min_count}
    if not kept:
        return
    column = pl.Series(texts, dtype=pl.List(pl.String))
    recipe = Text(ngrams=longest, min_count=min_count, distinct=distinct)
    vocabulary, ragged = WordVocabulary.learn_and_encode("text", column, recipe)
    own = vocabulary.ids[1:-1]
    assert set(own) == kept
    assert vocabulary.counts[1:-1].tolist() == sorted((counts[gram] for gram in kept), reverse=True)
    assert [counts[gram] for gram in own] == vocabulary.counts[1:-1].tolist()
    for i, tokens in enumerate(texts):
        expected = [
            gram if gram in kept else RARE for gram in slow_ngrams(tokens, longest) if gram in kept or " " not in gram
        ]
        found = [vocabulary.ids[int(row)] for row in ragged[i]]
        assert sorted(found) == sorted(set(expected)) if distinct else found == expected
    again = vocabulary.encode(column)
    assert again.rows.tolist() == ragged.rows.tolist()
    assert again.starts.tolist() == ragged.starts.tolist()


def test_chunks_give_what_the_whole_gives():
    texts = [f"a b{k % 3} c{k % 5} good film" for k in range(20)]
    for recipe in (Text(ngrams=2, min_count=2), Text(min_texts=3, max_share=0.5)):
        whole = WordVocabulary.learn("text", pl.Series(texts), recipe)
        chunks = [pl.Series(texts[k : k + 7]) for k in range(0, 20, 7)]
        assert WordVocabulary.learn("text", chunks, recipe) == whole
        assert WordVocabulary.learn("text", chunks, recipe).corpus == whole.corpus


def test_limits_by_texts_leave_out_what_is_everywhere_and_what_is_nowhere():
    vocabulary = learn(["the good film", "the bad film", "the the the end"], min_texts=2, max_share=0.8)
    assert list(vocabulary.ids[1:-1]) == ["film"]


def test_ngrams_of_characters_are_written_without_spaces():
    vocabulary = learn(["abab"], characters=True, ngrams=(2, 3))
    assert set(vocabulary.ids[1:-1]) == {"ab", "ba", "aba", "bab"}
    assert words_of(vocabulary, "aba") == ["ab", "aba", "ba"]


def test_ngrams_do_not_reach_into_the_next_text():
    assert "film bad" not in learn(["good film", "bad film"], ngrams=2).ids


def test_buckets_hold_the_ngrams_and_words_keep_their_rows():
    vocabulary = learn(["good film", "bad film", "good bad"], ngrams=2, buckets=10)
    assert len(vocabulary) == 1 + 3 + 10 + 1
    film, good, bad = (vocabulary.row(word) for word in ("film", "good", "bad"))
    first, bucket, second = vocabulary.encode(["good film"])[0].tolist()
    assert (first, second) == (good, film)
    assert 4 <= bucket < 14
    assert vocabulary.encode(["bad unheard"])[0].tolist()[::2] == [bad, vocabulary.rare]


def test_collisions_are_counted():
    texts = [f"w{a} w{b}" for a in range(8) for b in range(8)]
    vocabulary = learn(texts, ngrams=2, buckets=4)
    assert vocabulary.collisions(texts) == 64 - 4
    assert learn(texts, ngrams=2, buckets=1 << 20).collisions(texts) == 0


def test_a_corpus_says_what_each_size_covers():
    corpus = learn(["a a a b", "a c", ""]).corpus
    assert (corpus.texts, corpus.empty, corpus.running, corpus.distinct) == (3, 1, 6, 3)
    assert corpus.lengths == {0: 1, 2: 1, 4: 1}
    assert corpus.kept(2) == (pytest.approx(2 / 3), pytest.approx(4 / 6))
    many = learn([" ".join(f"w{k}" for k in range(1500))]).corpus
    assert many.coverage == {1_000: pytest.approx(998 / 1500)}


# One word


def test_a_word_has_a_row_and_an_unheard_one_is_told():
    vocabulary = learn(REVIEWS, ngrams=2)
    assert vocabulary.ids[vocabulary.row("good film")] == "good film"
    with pytest.raises(UnknownId, match="'goodd' is not in the 'text' vocabulary") as raised:
        vocabulary.row("goodd")
    assert raised.value.mend == "did you mean 'good'?"


# Saved


@pytest.mark.parametrize("recipe", [{}, {"ngrams": (1, 2), "buckets": 3}, {"size": 4, "distinct": True, "pad": "back"}])
def test_saved_and_loaded_is_equal(tmp_path, recipe):
    vocabulary = learn(REVIEWS, **recipe)
    vocabulary.save(tmp_path / "0.parquet")
    loaded = vocabulary_in(tmp_path / "0.parquet", "text")
    assert isinstance(loaded, WordVocabulary)
    assert loaded == vocabulary
    assert (loaded.text, loaded.corpus, loaded.counts.tolist()) == (
        vocabulary.text,
        vocabulary.corpus,
        vocabulary.counts.tolist(),
    )
    assert loaded.encode(REVIEWS).rows.tolist() == vocabulary.encode(REVIEWS).rows.tolist()


def test_a_tokenizer_of_your_own_is_not_saved_but_named(tmp_path):
    def by_commas(text):
        return text.split(",")

    learn(["a,b", "b"], tokenizer=by_commas).save(tmp_path / "0.parquet")
    vocabulary_in(tmp_path / "0.parquet", "text").save(tmp_path / "1.parquet")
    loaded = vocabulary_in(tmp_path / "1.parquet", "text")
    with pytest.raises(BadData, match="the texts were cut by by_commas, a function that the saved model does not hold"):
        loaded.encode(["a,b"])
    assert loaded.encode([["b", "a"]])[0].tolist() == [1, 2]


def test_a_file_from_elsewhere_is_told(tmp_path):
    frame = pl.DataFrame({"id": [None, "a", RARE]})
    frame.write_parquet(tmp_path / "0.parquet", metadata={"rowwise": '{"text": {"size": 3}}'})
    with pytest.raises(BadData):
        vocabulary_in(tmp_path / "0.parquet", "text")


# What cannot be


@pytest.mark.parametrize(
    ("texts", "recipe", "message"),
    [
        ([1, 2], {}, "the 'text' column holds Int64\n  expected: texts, or lists of words"),
        (["", None], {}, "the 'text' column has 0 different words, and none of them is kept"),
        (["a b"], {"min_count": 2}, "has 2 different words, and none of them is kept"),
        (["a b"], {"pattern": "(?=a)"}, r"pattern='\(\?=a\)' is no regular expression"),
        (
            ["a b"],
            {"tokenizer": lambda text: [text]},
            "made the token 'a b'\n  expected: tokens of text without spaces",
        ),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(texts, recipe, message):
    with pytest.raises((BadData, BadOption), match=message):
        learn(texts, **recipe)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"size": 2}, "size=2\n  expected: a whole number of 3 or more"),
        ({"min_count": 0}, "min_count=0"),
        ({"ngrams": (3, 2)}, r"ngrams=\(3, 2\)"),
        ({"ngrams": 0}, "ngrams=0"),
        ({"max_share": 0.0}, "max_share=0.0"),
        ({"pad": "left"}, "pad='left'\n  expected: one of front, back"),
    ],
)
def test_a_recipe_outside_its_range_is_refused(recipe, message):
    with pytest.raises(BadOption, match=message):
        Text(**recipe)
