"""Any text in, text that is only read out: nothing in it moves a cursor, turns the line round or breaks a file.

An id, a title, a column or a file may hold any character. Those that act, and those that no file in UTF-8 or XML can
hold, are written as Python writes them, `\\x1b` or `\\u202e`; all others stay as they are.
"""

import re

# C0, DEL and C1; marks that turn the direction round; breaks of lines and paragraphs; signs that take no room; halves
# of a letter; no characters at all. The two joiners (200c, 200d) and the marks of one side (200e, 200f) are a part of
# Persian, Hebrew, Hindi and many emoji.
ACTS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u180e\u200b\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff"
    "\U000e0000-\U000e007f]"
)


def line(text: object) -> str:
    """A text on one line: a line break is `\\n` too."""
    return ACTS.sub(_written, str(text))


def lines(text: object) -> str:
    """A text of several lines: its line breaks are ours."""
    return "\n".join(map(line, str(text).split("\n")))


def json(text: str) -> str:
    """The text of a JSON document, which says the same: what acts stands in strings only, and is escaped there."""
    return "\n".join(ACTS.sub(_in_json, part) for part in text.split("\n"))


def _written(found: re.Match[str]) -> str:
    return found[0].encode("ascii", "backslashreplace").decode() if found[0] > "\x7f" else repr(found[0])[1:-1]


def _in_json(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[k : k + 4]}" for k in range(0, len(units), 4))
