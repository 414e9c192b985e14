"""Every place in the source that says how an error is mended, and the tests that do what it says.

A site is a call that builds one of our errors with a `mend`; where that is one text or another, each is a site of its
own. A site is told apart by what it says, never by where it stands, so that code can move. It is covered by

- a `Case` in tests/mended: what provokes the error, what it says, and what its mend says, done;
- a test with `@mends("words of the site")`, which provokes the error and does what the mend says;
- a `Reason` in tests/mended/reasons.py, where a mend is nothing that a test can do.

The sites still without stand in tests/mends_left.txt, which only gets shorter.
"""

import ast
import functools
import linecache
import re
import shlex
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from rowwise import cli, errors
from rowwise.errors import RowwiseError

SOURCE = Path(errors.__file__).parent
TESTS = Path(__file__).parent
HOLE = "…"


class Reason(Enum):
    """Why a mend is nothing that a test can do: there are these, and no others."""

    INSTALLS = "a package is installed, which the tests have already"
    PERSON = "a person repairs, by eye and hand, what no program knows to be right"
    ELSEWHERE = "it is done on another machine, in a service, or by the system"
    WRITES_CODE = "a person writes other code, of which the words say no more than which way"


@dataclass(frozen=True, slots=True)
class Case:
    """An error and its mend: a command line, or Python, that is wrong; what is said; what the mend says, done.

    `…` in `given` and `mend` is any text. `right` may end in an expression, which must then hold.
    `site` is told where the texts alone do not say which site it is.
    """

    wrong: str
    given: str
    mend: str
    right: str
    site: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """One mend in the source: the file and lines of the call, and what it says, holes where values come in."""

    module: str
    function: str
    lines: range
    given: str
    mend: str
    helper: str = ""  # what makes the error, where the call tells it the mend and not what was given

    @property
    def name(self) -> str:
        """What tells it apart: the function, what was given, and the mend."""
        return f"{self.function}: {self.helper or self.given} | {self.mend}"

    @property
    def fixed(self) -> int:
        """How many letters of it are no values."""
        return len((self.given + self.mend).replace(HOLE, ""))

    def says(self, given: str, mend: str) -> bool:
        """Whether these texts can be its own."""
        return bool(re.fullmatch(pattern(self.given), given, re.S) and re.fullmatch(pattern(self.mend), mend, re.S))

    def built(self, mend: str, frames: list[tuple[str, int]]) -> bool:
        """Whether an error with this mend was built here, when these were the frames."""
        return bool(re.fullmatch(pattern(self.mend), mend, re.S)) and any(
            line in self.lines and file.endswith(f"rowwise/{self.module.replace('.', '/')}.py") for file, line in frames
        )


def pattern(template: str) -> str:
    """A text with holes as a regular expression."""
    return ".*".join(re.escape(part) for part in template.split(HOLE))


def named(words: str) -> set[str]:
    """The name of the one site that says these words."""
    found = {site.name for site in sites() if words in site.name}
    assert len(found) == 1, f"{words!r} is said by {len(found)} sites: {sorted(found)}"
    return found


def of_case(case: Case) -> set[str]:
    """The name of the one site that a case is about."""
    if case.site:
        return named(case.site)
    said = [site for site in sites() if site.says(case.given, case.mend)]
    most = max((site.fixed for site in said), default=0)
    found = {site.name for site in said if site.fixed == most}
    assert len(found) == 1, f"{case.given!r} | {case.mend!r} may be said by {len(found)} sites: {sorted(found)}"
    return found


def mends(*words: str, elsewhere: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a test that provokes the errors of the sites that say these words, and does what their mends say.

    `elsewhere` says that they are built in another process, of which the test reads what is printed.
    """

    def decorate(test: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(test)
        def watched(*args: Any, **given: Any) -> Any:
            with recorded() as seen:
                test(*args, **given)
            built = {site.name for site in sites() for mend, frames in seen if site.built(mend, frames)}
            for word in () if elsewhere else words:
                assert named(word) <= built, f"no error is built here that says {word!r}"

        return watched

    return decorate


def marked() -> set[str]:
    """The names of the sites that a marked test mends, read from the texts of the tests."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("test_*.py"))
    marks = (
        mark
        for tree in trees
        for test in ast.walk(tree)
        if isinstance(test, ast.FunctionDef)
        for mark in test.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "mends"
    )
    return {name for mark in marks for word in mark.args for name in named(ast.literal_eval(word))}


@contextmanager
def recorded() -> Generator[list[tuple[str, list[tuple[str, int]]]]]:
    """The mends of all errors of ours that are built inside, with the frames of our source that stood there."""
    seen: list[tuple[str, list[tuple[str, int]]]] = []
    build = RowwiseError.__init__

    def init(self: RowwiseError, given: str, **told: Any) -> None:
        build(self, given, **told)
        frame, frames = sys._getframe(1), []
        while frame is not None:
            if "rowwise" in frame.f_code.co_filename:
                frames.append((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back
        seen.append((self.mend, frames))

    with patch.object(RowwiseError, "__init__", init):
        yield seen


def run(text: str, names: dict[str, Any]) -> tuple[int, str, Any]:
    """Python, or a command line below it: the exit status, what is printed, and the value of the last expression."""
    names, text = {**names, "__name__": "case"}, text.strip("\n")
    python, command = (text, "") if not is_typed(text) else ("\n".join(text.splitlines()[:-1]), text.splitlines()[-1])
    linecache.cache["case.py"] = (len(text), None, text.splitlines(keepends=True), "case.py")
    tree = ast.parse(python)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, "case.py", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "case.py", "eval"), names) if last else None
    except RowwiseError as error:
        return 2, str(error), None
    if not command:
        return 0, "", value
    done = CliRunner().invoke(cli.main, shlex.split(command)[1:], prog_name="rowwise")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output, None


def is_typed(text: str) -> bool:
    """Whether it ends in a command line."""
    return text.splitlines()[-1].startswith("rowwise ")


@functools.cache
def sites() -> tuple[Site, ...]:
    """All of them, in the order of the files."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    helpers = {function.name: names for function in functions if "mend" in (names := _parameters(function))}
    modules = {".".join(path.relative_to(SOURCE).with_suffix("").parts): tree for path, tree in trees.items()}
    found = dict.fromkeys(
        site
        for module, tree in modules.items()
        for site in _sites(module, Spelt(_constants(tree, modules)).visit(tree), helpers)
    )
    return tuple(found)


class Spelt(ast.NodeTransformer):
    """Puts the text of a constant where its name stands."""

    def __init__(self, constants: dict[str, ast.expr]):
        self.constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.constants.get(node.id, node) if isinstance(node.ctx, ast.Load) else node


def _constants(tree: ast.Module, modules: dict[str, ast.Module]) -> dict[str, ast.expr]:
    """The texts that a module gives a name, or imports under one."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str()) as text):
                found[name] = text
            case ast.ImportFrom(module=str(module), names=names) if module.removeprefix("rowwise.") in modules:
                there = _constants(modules[module.removeprefix("rowwise.")], {})
                found |= {each.asname or each.name: there[each.name] for each in names if each.name in there}
    return found


def _sites(module: str, tree: ast.AST, helpers: dict[str, list[str]]) -> Iterator[Site]:
    for call, scope in _calls(tree, ()):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        mend = _argument(call, "mend", helpers.get(name, []))
        if mend is None:
            continue
        given = _argument(call, "given", []) or (call.args[0] if call.args else ast.Constant(""))
        helper = name if name in helpers and name != "foreign" else ""
        given = ast.Constant(HOLE) if helper else given
        function = next((s for s in reversed(scope) if isinstance(s, ast.FunctionDef)), None)
        path = ".".join(s.name for s in scope)
        for said in _texts(mend, function):
            for text in (_texts(given, function) or [HOLE])[:1]:
                yield Site(module, path, range(call.lineno, (call.end_lineno or 0) + 1), text, said, helper)


def _calls(node: ast.AST, scope: tuple) -> Iterator[tuple[ast.Call, tuple]]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = (*scope, node)
    if isinstance(node, ast.Call):
        yield node, scope
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, scope)


def _argument(call: ast.Call, name: str, parameters: list[str]) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    place = parameters.index(name) if name in parameters else len(call.args)
    return call.args[place] if place < len(call.args) else None


def _parameters(function: ast.FunctionDef) -> list[str]:
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return names[1:] if names[:1] == ["self"] else names


def _texts(node: ast.expr, function: ast.FunctionDef | None) -> list[str]:
    """What an expression may say, a hole for each value; nothing where it only hands on what its caller said."""
    match node:
        case ast.Constant(value=str(text)):
            return [text] if text else []
        case ast.JoinedStr(values=parts):
            return ["".join(p.value if isinstance(p, ast.Constant) else HOLE for p in parts)]
        case ast.IfExp(body=one, orelse=other):
            return _texts(one, function) + _texts(other, function)
        case ast.BoolOp(values=values):
            return [text for value in values for text in _texts(value, function)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in _texts(left, function) or [HOLE] for b in _texts(right, function) or [HOLE]]
        case ast.Name(id=name) if function is not None:
            if assigned := [value for names, value in _assigned(function) if name in names]:
                return [text for value in assigned for text in _texts(value, function)]
            usual = _usual(function).get(name)
            return ([] if usual is None else _texts(usual, None)) if name in _parameters(function) else [HOLE]
        case ast.Attribute(value=ast.Name(id="error"), attr="mend"):  # an error that is raised anew
            return []
        case ast.Call(func=ast.Name(id="said")):
            return [f"{HOLE}={HOLE}"]
        case _:
            return [HOLE]


def _usual(function: ast.FunctionDef) -> dict[str, ast.expr | None]:
    """The defaults of the parameters that are given by name."""
    return {each.arg: value for each, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)}


def _assigned(function: ast.FunctionDef) -> Iterator[tuple[list[str], ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            yield [target.id for target in node.targets if isinstance(target, ast.Name)], node.value
