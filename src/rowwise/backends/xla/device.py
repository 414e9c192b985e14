"""Where XLA computes: the device that JAX chose, and what is known to be wrong with it."""

import warnings

import jax
import jaxlib

from rowwise.errors import SlowDeviceWarning

SLOW_SUMS = (0, 10, 2), (0, 11, 0)  # float32 added to rows that repeat: hundreds of times slower on GPUs


def check_device() -> None:
    """Warn where the installed jaxlib adds up rows slowly on the device that it would take."""
    first, last = SLOW_SUMS
    if jax.default_backend() == "gpu" and first <= jaxlib.version.__version_info__[:3] <= last:
        warnings.warn(
            f"jaxlib {jaxlib.version.__version__} adds numbers to rows that repeat hundreds of times slower than "
            "others on a GPU: pip install 'jaxlib>=0.11.1', or set JAX_PLATFORMS=cpu",
            SlowDeviceWarning,
            stacklevel=2,
        )
