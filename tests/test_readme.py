"""The README and the pages of the docs run as they stand."""

from pathlib import Path

import pytest

from documents import assert_says, run_document

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("page", ["README.md", "docs/language.md"])
def test_a_page_prints_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_document(ROOT / page) > 1


def test_a_page_that_says_something_else_is_found_out():
    assert_says("user 7   0.8712\n", "user 7   0.8711\n")
    with pytest.raises(AssertionError):
        assert_says("user 7   0.8712\n", "user 8   0.8712\n")
    with pytest.raises(AssertionError):
        assert_says("user 7   0.8712\n", "user 7   0.7712\n")
