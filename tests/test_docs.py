"""The docs say what the code says."""

import importlib
import pydoc
import re
import sys
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


def test_the_page_of_python_shows_every_public_name_in_the_order_of_the_package():
    shown = re.findall(r"^::: rowwise\.(\w+)$", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert shown == rw.__all__


def test_each_page_has_one_place_in_the_navigation_of_the_site():
    navigation = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"^ +- [^:]+: (\S+\.md)$", navigation, re.MULTILINE)
    assert sorted(listed) == [path.name for path in PAGES]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_links_to_nothing_outside_the_site(path):
    assert "](../" not in path.read_text(encoding="utf-8"), "name the file in backticks: the site holds docs/ alone"


def test_the_version_is_the_same_wherever_it_stands():
    root = DOCS.parent
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.search(r"^## (\d[\d.]*)", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    cited = re.search(r"^version: (\S+)$", (root / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert cited is not None
    assert {project["version"], newest[1], cited[1]} == {rw.__version__}


def test_each_former_name_is_in_the_changes_and_says_what_to_write_instead():
    changes = (DOCS.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    for name in rw._FORMER:
        sys.modules.pop(f"rowwise.{name}", None)
        with pytest.warns(DeprecationWarning, match=rf"^rowwise\.{name} is called rowwise\.\w+ now$"):
            importlib.import_module(f"rowwise.{name}")
        assert f"`rowwise.{name}`" in changes.partition("### Deprecated")[2]


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
