"""A trained model in, the folder where it is safe out: the one that was asked for, or else one that can be written."""

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rowwise.cli.shared import folder_name
from rowwise.errors import BadFolder, CannotWrite
from rowwise.screen import say

if TYPE_CHECKING:
    from rowwise.api.fitted import Fitted


def check_output(output: str) -> None:
    """Refuse before an hour of training, not after it.

    Raises:
        BadFolder: what stands there may not be replaced.
        CannotWrite: nothing can be written there.
    """
    from rowwise.trained.save import check_folder

    check_folder(output)


def saved(fitted: "Fitted", output: str) -> Path:
    """Save a model that took long to train. A Ctrl-C waits until that is done.

    Raises:
        CannotWrite: it is saved elsewhere, and the mend says where; or nowhere, after every place was tried.
    """
    from rowwise.train.interrupts import Held

    with Held() as held:
        try:
            folder = fitted.save(output)
        except (CannotWrite, BadFolder) as error:
            raise _elsewhere(fitted, Path(output), error) from None
        if held.came:
            say(f"saved {folder_name(folder)}")
    held.check()
    return folder


def _elsewhere(fitted: "Fitted", output: Path, error: CannotWrite | BadFolder) -> CannotWrite:
    """The error to raise once the model is safe at another place."""
    # two trainings may end in one second, and clocks are set back: neither may replace the other's model
    name = f"{output.absolute().name or 'model'}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    for folder in _places():
        with suppress(CannotWrite, BadFolder):
            kept = fitted.save(folder / name)
            mend = f"the model is safe in {folder_name(kept)}: use it from there, or {error.mend} and move it"
            return CannotWrite(error.given, expected=error.expected, mend=mend)
    mend = f"{error.mend}, and train again: no other place took the model either"
    return CannotWrite(error.given, expected=error.expected, mend=mend)


def _places() -> Iterator[Path]:
    yield Path.cwd()
    with suppress(RuntimeError):  # a user without a home
        yield Path.home()
    yield Path(tempfile.gettempdir())
