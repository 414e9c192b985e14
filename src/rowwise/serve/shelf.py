"""Folders in, the models that are in them now out: each is looked at again and again, and read anew when it changed."""

import hashlib
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rowwise.api.fitted import load
from rowwise.data.titles import Titles
from rowwise.errors import BadData, BadOption, RowwiseError
from rowwise.serve.routes import ROUTES, Serving

LOOKS = 0.5  # seconds between two looks at a folder
SHARES = 1 << 16  # into which requests are cut


@dataclass(frozen=True, slots=True)
class Now:
    """What answers at this moment; a request keeps it to its end."""

    name: str
    serving: Serving
    version: str  # of the folder: the beginning of the fingerprint of its model.json
    since: float  # when it was read, seconds


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model by name: its folder, the file of its items, and the share of the requests that name no model."""

    name: str
    folder: str
    items: str | None = None
    share: float | None = None


class Book:
    """One model on the shelf, which follows its folder; what is there and cannot be read leaves the old one."""

    def __init__(self, wanted: Wanted):
        self.wanted = wanted
        self.mark = self._look()
        self.now = self._read()
        self.n_read, self.trouble, self.n_troubles = 1, "", 0
        self.reading = threading.Lock()

    def follow(self, *, anew: bool = False) -> bool:
        """Read the folder if it changed since it was read, or `anew` in any case; whether it was read."""
        with self.reading:
            mark = self._look()
            if (mark == self.mark and not anew) or mark is None:
                return False
            try:
                self.now, self.mark, self.trouble = self._read(), mark, ""
            except RowwiseError as error:  # of a folder that is half there, the next look sees the whole
                if str(error) != self.trouble:
                    self.n_troubles += 1
                self.trouble = str(error)
                return False
            self.n_read += 1
            return True

    def _look(self) -> tuple[int, int, int] | None:
        """What tells one state of the folder from another; a link is followed."""
        try:
            facts = os.stat(Path(self.wanted.folder) / "model.json")
        except OSError:
            return None
        return facts.st_ino, facts.st_mtime_ns, facts.st_size

    def _read(self) -> Now:
        folder, items = self.wanted.folder, self.wanted.items
        version = _version(folder)
        fitted = load(folder)
        while (found := _version(folder)) != version:  # replaced in between: which of the two was read is not known
            version, fitted = found, load(folder)
        titles = None if items is None else Titles.read(items, fitted.two_keys[1])
        serving = Serving(fitted, titles)
        for route in ROUTES:  # what answers is compiled before the first request, and while the old model answers
            if not route.is_long:
                with suppress(RowwiseError):  # not every model answers every question
                    route.answer(serving, route.asks.model_validate(route.example(fitted)))
        return Now(self.wanted.name, serving, version, time.time())


def _version(folder: str) -> str:
    """What tells one save from another; "" where there is none at this instant."""
    try:
        return hashlib.sha256((Path(folder) / "model.json").read_bytes()).hexdigest()[:12]
    except OSError:
        return ""


class Shelf(Mapping[str, Book]):
    """The models by name; who names none gets the first, or one by the shares.

    Raises:
        BadOption: two models of one name, or shares that come to more than 1.
        BadFolder: there is no model.
    """

    def __init__(self, wanted: tuple[Wanted, ...]):
        names = [each.name for each in wanted]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise BadOption(f"two models called {twice[0]!r}", mend=f"{twice[0]}_b={wanted[-1].folder}")
        if (total := sum(each.share or 0.0 for each in wanted)) > 1:
            raise BadOption(f"shares that come to {total:g}", expected="1 or less in all", mend="--share b=0.1")
        self.books = {each.name: Book(each) for each in wanted}
        self.ends: list[tuple[float, str]] = []  # where the share of each ends
        end = 0.0
        for each in wanted[1:]:
            end += each.share or 0.0
            self.ends.append((end, each.name))

    def __getitem__(self, name: str) -> Book:
        return self.books[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.books)

    def __len__(self) -> int:
        return len(self.books)

    @property
    def first(self) -> Now:
        """The model that answers for those who name none."""
        return next(iter(self.books.values())).now

    def pick(self, named: str | None, body: bytes) -> Now:
        """The model that a request names, or the one that its body falls to: the same request always to the same.

        Raises:
            BadData: there is no model of that name.
        """
        if named is None:
            place = int.from_bytes(hashlib.blake2s(body, digest_size=2).digest(), "big") / SHARES
            named = next((name for end, name in self.ends if place < end), next(iter(self.books)))
        if named not in self.books:
            raise BadData(
                f"no model is called {named[:40]!r}",
                expected=f"one of {', '.join(self.books)}",
                mend=f"X-Rowwise-Model: {next(iter(self.books))}, or no such header",
            )
        return self.books[named].now

    def follow(self, *, anew: bool = False) -> bool:
        """Look at all folders; whether one was read."""
        return sum(book.follow(anew=anew) for book in self.books.values()) > 0


class Watch:
    """A thread that looks at the folders, from `with` to its end, or at once when it is told to."""

    def __init__(self, shelf: Shelf, every: float = LOOKS):
        self.shelf, self.every = shelf, every
        self.ended, self.asked = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True, name="rowwise-watch")

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.asked.set()
        self.thread.join()

    def look_now(self, *_: object) -> None:
        """Read all folders anew; a handler of signals may call it."""
        self.asked.set()

    def _watch(self) -> None:
        while not self.ended.is_set():
            anew = self.asked.wait(self.every)
            self.asked.clear()
            if not self.ended.is_set():
                self.shelf.follow(anew=anew)
