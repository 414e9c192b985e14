"""Ctrl-C during training, remembered until the end of the epoch in case that it is dropped on its way.

Python drops a KeyboardInterrupt that is raised inside a callback of its garbage collector, and JAX has such a callback.
"""

import signal
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Self


@dataclass(slots=True)
class Interrupts:
    """While it is entered, a Ctrl-C raises KeyboardInterrupt at once as ever, and `check` raises it again if need be.

    Another handler than Python's own, or another thread than the main one, is left as it is.
    """

    came: bool = False
    ours: bool = False

    def __enter__(self) -> Self:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._handle)
            self.ours = True
        return self

    def __exit__(self, *_: object) -> None:
        if self.ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        signal.default_int_handler(number, frame)

    def check(self) -> None:
        """Raise the KeyboardInterrupt that came and went unheard."""
        if self.came:
            raise KeyboardInterrupt


class Held(Interrupts):
    """While it is entered, the first Ctrl-C waits until `check`; the second comes at once."""

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.came:
            signal.default_int_handler(number, frame)
        self.came = True
