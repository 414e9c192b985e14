"""Every public callable refuses nonsense in our words, an argument at a time; what it takes is listed as right."""

import warnings

import pytest

from public_doors import DOORS, NONSENSE, RIGHT, prepare
from rowwise.errors import RowwiseError


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch, unchecked):
    """A folder of its own: some calls write where they are; and types unchecked, as users run it."""
    monkeypatch.chdir(tmp_path)
    prepare()


@pytest.mark.parametrize("name", DOORS)
def test_a_public_callable_takes_its_good_call(name):
    DOORS[name].call(**DOORS[name].good)


@pytest.mark.parametrize("name", DOORS)
def test_a_public_callable_refuses_nonsense_in_our_words_and_takes_only_what_is_right(name):
    door, wrong = DOORS[name], []
    for argument in door.good:
        taken = set()
        for kind, nonsense in NONSENSE.items():
            try:
                with warnings.catch_warnings(action="ignore"):
                    door.call(**{**door.good, argument: nonsense})
                taken.add(kind)
            except RowwiseError as error:
                if not (error.given and error.expected and error.mend):
                    wrong.append(f"{argument}={kind}: no expected or no mend: {error}")
            except Exception as error:  # the very thing this looks for: whatever else is raised is raw
                wrong.append(f"{argument}={kind}: {type(error).__name__}: {error}")
        right = set(RIGHT.get(name, {}).get(argument, "").split())
        wrong += [f"{argument}={kind} is taken" for kind in sorted(taken - right)]
        wrong += [f"{argument}={kind} is right, and refused" for kind in sorted(right - taken)]
    assert not wrong, "\n".join([name, *wrong])
