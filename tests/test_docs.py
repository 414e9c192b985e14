"""The docs say what the code says."""

import pydoc
import re
import tomllib
from pathlib import Path

import pytest

import rowwise as rw
from rowwise.backends.primitives_page import page
from rowwise.errors import RowwiseError

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.glob("*.md"))


def test_the_page_of_primitives_is_made_from_the_table():
    assert (DOCS / "primitives.md").read_text(encoding="utf-8") == page(), (
        "python -m rowwise.backends.primitives_page > docs/primitives.md"
    )


def test_the_page_of_errors_names_every_error():
    def tree(kind):
        return {kind.__name__}.union(*map(tree, kind.__subclasses__()))

    written = (DOCS / "errors.md").read_text(encoding="utf-8")
    assert [name for name in tree(RowwiseError) if f"`{name}`" not in written] == []


def test_the_page_of_the_language_names_every_word():
    written = (DOCS / "language.md").read_text(encoding="utf-8")
    found = [name for name in rw.__all__ if getattr(getattr(rw, name), "__module__", "") == "rowwise.models.words"]
    assert "Row" in found
    assert [name for name in found if f"`{name}(" not in written] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_each_promise_of_security_names_a_test_and_a_door_that_are_there():
    written = (DOCS / "security.md").read_text(encoding="utf-8")
    assert [path for path in re.findall(r"`(tests/[^`]*)`", written) if not (DOCS.parent / path).exists()] == []
    for name in re.findall(r"`(rowwise\.[a-z_.]+)`", written):
        assert pydoc.locate(name) is not None


def test_no_claim_stands_in_the_metadata_or_the_picture_that_nothing_proves():
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "urls" not in project
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert not re.search(r"GPU|TPU|many hosts", readme)
