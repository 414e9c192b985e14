"""A page of Markdown in, its code run, and what it prints held to what the page says it prints."""

import io
import linecache
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

from click.testing import CliRunner

from rowwise import cli, keras_style

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"\.py:\d+(:\d+)?")
NUMBER = re.compile(r"-?\d+\.\d+")


def run_document(path: Path) -> int:
    """Run the blocks of a page in order, in the working folder; how many there were.

    A `python` block is followed by a `text` block where it prints something. In a `console` block each line that begins
    "$ rowwise" is run, and the lines after it are what it prints, if there are any.
    """
    keras_style.clear_session()  # layers are numbered from 1, as in a fresh process
    names: dict[str, object] = {"__name__": "__main__"}
    blocks = list(FENCE.finditer(path.read_text(encoding="utf-8")))
    for k, (language, code) in enumerate(block.groups() for block in blocks):
        if language == "python":
            follows = blocks[k + 1].groups() if k + 1 < len(blocks) else ("", "")
            said = run_python(code, f"{path.stem}_{k}.py", names)
            assert_says(said, follows[1] if follows[0] == "text" else "")
        if language == "console":
            for command, expected in commands(code):
                done = CliRunner().invoke(cli.main, shlex.split(command)[1:], prog_name="rowwise")
                assert done.exit_code == 0, done.output
                if expected:
                    assert_says(done.stdout, expected)
    return len(blocks)


def run_python(code: str, name: str, names: dict[str, object]) -> str:
    """What the code prints; a model finds the source of its own function by `name`."""
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(code, name, "exec"), names)
    return printed.getvalue()


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command of Rowwise in a console block, and what follows it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        if command.startswith("rowwise"):
            yield command, expected


def assert_says(said: str, expected: str) -> None:
    """The same lines; not the numbers of source lines, and not what another processor's rounding does to a training:
    numbers with a point may differ a little.
    """
    lines, wanted = (LINE.sub(".py", text).rstrip().splitlines() for text in (said, expected))
    shown = f"\n--- printed\n{said}\n--- on the page\n{expected}"
    assert [NUMBER.sub("#", line).split() for line in lines] == [NUMBER.sub("#", line).split() for line in wanted], (
        shown
    )
    for line, want in zip(lines, wanted, strict=True):
        pairs = zip(map(float, NUMBER.findall(line)), map(float, NUMBER.findall(want)), strict=True)
        assert all(abs(one - other) <= 0.02 + 0.02 * abs(other) for one, other in pairs), f"{line}\n{want}"
