"""A function of rows in, the words of its signature out, each with what others say of it."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rowwise.errors import BadModel
from rowwise.models.arguments import Lookup, MaskWord, RowsWord, RowWord, SampledWord, Word
from rowwise.models.raised import place_of


def words_of(function: Callable[..., Any]) -> dict[str, Word]:
    """The words by the names of their arguments.

    Raises:
        BadModel: a parameter without a word, no rows that are looked up, a word of an argument that there is not.
    """
    words: dict[str, Word] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        word = parameter.default
        if not isinstance(word, Word):
            given = "no default" if word is inspect.Parameter.empty else repr(word)
            raise BadModel(
                f"argument {name!r} of {place_of(function)} has {given}",
                expected="a word that says where its numbers come from: Row, Rows, Bag, Sampled, Value, Mask, Mean, "
                "Weight, Head or Dropout",
                mend=f"write {name}=rw.Row({name!r}, 50) if {name} is a row of 50 numbers",
            )
        words[name] = word
    if not any(isinstance(word, Lookup) for word in words.values()):
        raise BadModel(
            f"{place_of(function)} looks up no rows",
            expected="at least one Row, Rows or Bag in the signature",
            mend="add an argument such as user=rw.Row('userId', 50)",
        )
    return completed(words, function)


def completed(words: dict[str, Word], function: Callable[..., Any]) -> dict[str, Word]:
    """The words, each with what others say of it."""
    return _with_sides(_with_masks(words, function), function)


def _with_sides(words: dict[str, Word], function: Callable[..., Any]) -> dict[str, Word]:
    """The words, where each that draws unseen ids knows the column beside whose id they are unseen."""
    found = dict(words)
    columns = list(dict.fromkeys(word.column for word in words.values() if isinstance(word, RowWord)))
    for name, word in words.items():
        if not isinstance(word, SampledWord) or not word.unseen:
            continue
        sides = [column for column in columns if column != word.column]
        side = word.unseen if isinstance(word.unseen, str) else sides[0] if len(sides) == 1 else None
        if side not in sides or word.column not in columns:
            raise BadModel(
                f"argument {name!r} of {place_of(function)} draws from {word.column!r} what is unseen beside "
                + (repr(word.unseen) if isinstance(word.unseen, str) else "the other id"),
                expected=f"a Row that reads {word.column!r}, and unseen=… one of the other columns that a Row reads: "
                + (", ".join(map(repr, sides)) or "there is none"),
                mend=f"unseen={sides[0]!r}" if sides and word.column in columns else "leave unseen= out",
            )
        found[name] = replace(word, unseen=side)
    return found


def _with_masks(words: dict[str, Word], function: Callable[..., Any]) -> dict[str, Word]:
    """The words, with masks that know the column and the length of the argument that they tell of."""
    found = dict(words)
    for name, word in words.items():
        if isinstance(word, MaskWord):
            told = words.get(word.of)
            if not isinstance(told, RowsWord):
                rows = [other for other, w in words.items() if isinstance(w, RowsWord)]
                raise BadModel(
                    f"argument {name!r} of {place_of(function)} is the mask of {word.of!r}, which is no Rows",
                    expected=f"the name of an argument that is Rows{': ' if rows else ''}{', '.join(rows)}",
                    mend=f"write {name}=rw.Mask({rows[0]!r})" if rows else "only Rows are padded: leave it out",
                )
            found[name] = replace(word, column=told.column, shape=(told.length,))
    return found
