"""Texts in, lists of tokens out: markup taken away, letters made small, the rest cut by a pattern."""

import html
from collections.abc import Callable, Iterable

import polars as pl

from rowwise.errors import BadData, BadOption
from rowwise.narrow import is_a

WORDS = r"\w+(?:['’]\w+)*"  # letters and digits of any script, with apostrophes inside: "don't" is one word
WORDS_AND_MARKS = WORDS + r"|[^\w\s]"  # and each punctuation mark as a token of its own
CHARACTERS = r"(?s)."

MARKUP = r"(?i)</?(?:br|p|hr|i|b|u|em|strong|div|span|li|ul|ol|a)(?:\s[^<>]*)?/?>"  # "<3" is no tag
ENTITY = r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+\d*);"

Tokenizer = Callable[[str], Iterable[str]]


def as_texts(cells: Iterable[object], *, what: str) -> pl.Series:
    """Cells as text, or as lists of tokens where they are lists already; null where one is missing.

    Raises:
        BadData: they hold neither, such as numbers.
    """
    series = cells if isinstance(cells, pl.Series) else pl.Series(list(cells), strict=False)
    if isinstance(series.dtype, pl.Categorical | pl.Enum | pl.Null):
        series = series.cast(pl.String)
    if series.dtype == pl.List(pl.Null):
        series = series.cast(pl.List(pl.String))
    if series.dtype not in (pl.String, pl.List(pl.String)):
        raise BadData(
            f"{what} holds {series.dtype}",
            expected="texts, or lists of words",
            mend="give texts, or name the column that holds them",
        )
    return series


def tokenize(texts: pl.Series, *, pattern: str, lower: bool, markup: bool, tokenizer: Tokenizer | None) -> pl.Series:
    """The tokens of each text, as lists; a missing text has none, and what is a list already stays as it is.

    `markup` turns line breaks and simple tags of HTML into spaces and entities into their characters. A `tokenizer`
    of your own gets the text as it was and does all of it.
    """
    if texts.dtype != pl.String:
        return texts.fill_null([])
    if tokenizer is not None:
        return pl.Series(texts.name, [_tokens_of(tokenizer, text) for text in texts], pl.List(pl.String))
    texts = texts.fill_null("")
    if markup:
        texts = _unescaped(texts.str.replace_all(MARKUP, " "))
    texts = texts.str.normalize("NFC")
    if lower:
        texts = texts.str.to_lowercase()
    try:
        return texts.str.extract_all(pattern)
    except pl.exceptions.ComputeError as error:
        raise BadOption(
            f"pattern={pattern!r} is no regular expression ({str(error).splitlines()[-1].strip()})",
            expected="a pattern in the syntax of Rust's regex, which has no look-ahead and no back-references",
            mend="leave it out, or write a function and give it as tokenizer=",
        ) from None


def _unescaped(texts: pl.Series) -> pl.Series:
    """Entities as the characters they stand for, in the few texts that have any."""
    marked = texts.str.contains(ENTITY)
    if not marked.any():
        return texts
    plain = pl.Series([html.unescape(text) for text in texts.filter(marked)], dtype=pl.String)
    return texts.scatter(marked.arg_true(), plain)


def _tokens_of(tokenizer: Tokenizer, text: str | None) -> list[str]:
    tokens = [] if text is None else list(tokenizer(text))
    wrong = next((token for token in tokens if not is_a(token, str) or not token or " " in token), None)
    if wrong is not None:
        raise BadData(
            f"{getattr(tokenizer, '__name__', 'the tokenizer')} made the token {wrong!r}",
            expected="tokens of text without spaces: n-grams are written with a space between their words",
            mend="strip them, or put _ for a space",
        )
    return tokens
