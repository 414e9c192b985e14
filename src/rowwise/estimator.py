"""The manners of scikit-learn that every estimator shares: settings by name, taken from the signature."""

import inspect
from difflib import get_close_matches
from typing import Any, Self

from rowwise.errors import BadOption


class Estimator:
    """An object whose settings are the keywords of its `__init__`, each kept under its own name."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The settings by name, as scikit-learn clones an estimator."""
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
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
