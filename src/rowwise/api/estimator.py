"""The manners of scikit-learn that every estimator shares: settings by name, taken from the signature.

Nothing here imports scikit-learn before it asks for something of its own: its tags, or its kind of error.
"""

import inspect
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

from rowwise.errors import BadOption, NotFitted

if TYPE_CHECKING:
    import polars as pl


class Estimator:
    """An object whose settings are the keywords of its `__init__`, each kept under its own name."""

    def __getattr__(self, name: str) -> Any:
        """Only for what is not there: of names that end in _, which `fit` sets, an error that says so."""
        if name.startswith("_") or not name.endswith("_") or "fitted_" in vars(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise _kind_of_not_fitted()(
            f"this {type(self).__name__} is not fitted, so it has no {name!r}",
            expected="a call of fit before any other",
            mend=f"{type(self).__name__}().fit(…)",
        )

    @property
    def history_(self) -> "pl.DataFrame":
        """The course of the training: a row an epoch."""
        return self.fitted_.history

    def __sklearn_is_fitted__(self) -> bool:
        return "fitted_" in vars(self)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The settings by name, as scikit-learn clones an estimator."""
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: object) -> Self:
        """Change settings by name."""
        known = list(self.get_params())
        for name, value in params.items():
            if name not in known:
                near = get_close_matches(name, known, n=1)
                raise BadOption(
                    f"{name!r} is no setting of {type(self).__name__}",
                    expected=f"one of {', '.join(known)}",
                    mend=f"did you mean {near[0]!r}?" if near else "name one of them",
                )
            setattr(self, name, value)
        return self


def _kind_of_not_fitted() -> type[NotFitted]:
    """Our error; where scikit-learn is in use, one that is also its own, which its tools wait for."""
    theirs = sys.modules.get("sklearn.exceptions")
    return NotFitted if theirs is None else type("NotFitted", (NotFitted, theirs.NotFittedError), {})
