"""What `rowwise.keras_style` was called before: every name of it works here too, and the new name is said once."""

import warnings

from rowwise.keras_style import *  # noqa: F403 (every name of it)
from rowwise.keras_style import __all__ as __all__

warnings.warn("rowwise.functional is called rowwise.keras_style now", DeprecationWarning, stacklevel=2)
