"""A device that is known to be slow is said, once training would begin there."""

import warnings

import jax
import jaxlib
import pytest

from rowwise.backends.xla.device import check_device
from rowwise.errors import SlowDeviceWarning


@pytest.mark.parametrize(
    ("device", "version", "is_said"),
    [
        ("gpu", (0, 10, 1), False),
        ("gpu", (0, 10, 2), True),
        ("gpu", (0, 11, 0), True),
        ("gpu", (0, 11, 1), False),
        ("cpu", (0, 10, 2), False),
    ],
)
def test_a_jaxlib_that_is_slow_on_gpus_is_said_there(monkeypatch, device, version, is_said):
    monkeypatch.setattr(jax, "default_backend", lambda: device)
    monkeypatch.setattr(jaxlib.version, "__version_info__", version)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check_device()
    assert [w.category for w in said] == [SlowDeviceWarning] * is_said
