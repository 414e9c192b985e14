"""How texts become rows: the recipe that a column of texts is read by."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from rowwise.data.tokens import CHARACTERS, WORDS, WORDS_AND_MARKS, Tokenizer, as_texts, tokenize
from rowwise.errors import BadOption
from rowwise.narrow import is_a, is_tuple
from rowwise.options import flag, is_number, is_whole, one_of, said, whole

LONGEST = 100  # words in an n-gram: every text is gone through once for each length


@dataclass(frozen=True, slots=True)
class Text:
    """How the texts of a column become rows: which tokens there are, and which of them get a row of their own.

    Args:
        size: rows of the table: the most frequent words take `size - 2` of them, one pads, one is for all rarer words.
            None: every word that the limits below leave gets a row.
        ngrams: the longest run of words that counts as one thing; (2, 3) leaves out single words.
        min_count: rarer words and n-grams have no row of their own.
        min_texts, max_share: those in fewer texts, or in a larger share of all texts, have none either.
        distinct: a word counts once a text, however often it stands there.
        buckets: give words rows of their own, and throw the n-grams into so many rows by a hash; see `collisions`.
        lower, punctuation, markup: make letters small; keep punctuation marks as tokens; take HTML away.
        characters: n-grams of characters, not of words.
        pattern: a regular expression that finds one token (Rust's syntax), in place of the default ones.
        tokenizer: any function from a text to its tokens, in place of all that; a saved model does not hold it.
        pad, cut: where `Rows` puts the padding of a short text and where it cuts a long one, "front" or "back".
    """

    size: int | None = None
    ngrams: int | tuple[int, int] = 1
    min_count: int = 1
    min_texts: int = 1
    max_share: float = 1.0
    distinct: bool = False
    buckets: int | None = None
    lower: bool = True
    punctuation: bool = True
    markup: bool = True
    characters: bool = False
    pattern: str | None = None
    tokenizer: Tokenizer | None = None
    pad: str = "front"
    cut: str = "front"

    def __post_init__(self) -> None:
        for name, least in (("size", 3), ("min_count", 1), ("min_texts", 1), ("buckets", 1)):
            if getattr(self, name) is not None or name.startswith("min"):
                whole(name, getattr(self, name), least=least)
        for name in ("pad", "cut"):
            one_of(name, getattr(self, name), ("front", "back"))
        for name in ("distinct", "lower", "punctuation", "markup", "characters"):
            flag(name, getattr(self, name))
        if not is_number(self.max_share) or not 0 < self.max_share <= 1:
            raise BadOption(
                said("max_share", self.max_share),
                expected="a share of the texts, above 0 and up to 1",
                mend="leave it out for the default",
            )
        if self.pattern is not None and not is_a(self.pattern, str):
            raise BadOption(
                said("pattern", self.pattern),
                expected="a regular expression, as text",
                mend=r"pattern=r'\w+' finds words",
            )
        if self.tokenizer is not None and not callable(self.tokenizer):
            raise BadOption(
                said("tokenizer", self.tokenizer),
                expected="a function from a text to its tokens",
                mend="tokenizer=str.split cuts at spaces",
            )
        given: object = (self.ngrams,) if is_whole(self.ngrams) else self.ngrams
        pair = [n for n in given if is_whole(n)] if is_tuple(given) else []
        if len(pair) not in (1, 2) or given != tuple(pair) or not 1 <= pair[0] <= pair[-1] <= LONGEST:
            raise BadOption(
                said("ngrams", self.ngrams),
                expected=f"a whole number from 1 to {LONGEST}, or a pair such as (1, 3)",
                mend="ngrams=3",
            )

    @property
    def orders(self) -> range:
        """How many words the n-grams are long."""
        shortest, longest = (1, self.ngrams) if isinstance(self.ngrams, int) else self.ngrams
        return range(shortest, longest + 1)

    @property
    def joint(self) -> str:
        """What stands between the tokens of an n-gram when it is written."""
        return "" if self.characters else " "

    def tokens(self, texts: Iterable[object], *, what: str = "the column") -> pl.Series:
        """The tokens of each text, as lists.

        Raises:
            BadData: the cells are neither texts nor lists of words.
        """
        default = CHARACTERS if self.characters else WORDS_AND_MARKS if self.punctuation else WORDS
        return tokenize(
            as_texts(texts, what=what),
            pattern=self.pattern or default,
            lower=self.lower,
            markup=self.markup,
            tokenizer=self.tokenizer,
        )
