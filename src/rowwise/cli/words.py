"""What Python calls a setting, as the command line calls it: `epochs=20` is `--epochs 20` in a message."""

import ast
import re
import shlex
from collections.abc import Mapping

import click

# Settings that a command has under another name.
ALIASES = {"l2": "reg", "users": "user", "column": "text"}
# A call whose arguments are options here, and nothing else: `Recommender(user='…')` is `--user '…'`.
CALL = re.compile(
    r"\b(?:\w+\.)*(?:Recommender|TextClassifier|File|fit|predict|evaluate|recommend|similar|sheet)"
    r"\((?:(?:'[^']*'|users|id), )?(?P<inside>[^()]*)\)"
)
SQL = re.compile(r"\brw\.sql\((?P<query>'[^']*'), url\)")
VALUES = re.compile(r"\bvalues=(?P<values>\{[^{}]*\})")  # one option has all of them: --value hour=12
GIVEN = re.compile(
    r"(?<![\w-])(?P<name>[A-Za-z_]\w*)=(?P<value>'[^']*'|\"[^\"]*\"|[^\s,;:()'\"]*)(?P<more>, (?=\w+=))?"
)
BARE = re.compile(r"(?<![\w'\"-])(?P<name>[a-z]+(?:_[a-z]+)+|l2)(?![\w'\"=(])")


def as_typed(message: str, command: click.Command) -> str:
    """A message of Python's front doors in the words of one command; what is no option of it stays as it is."""
    options = options_of(command)

    def given(found: re.Match[str]) -> str:
        option = options.get(found["name"])
        return f"{option} {found['value']}".rstrip() + " " * bool(found["more"]) if option else found[0]

    def bare(found: re.Match[str]) -> str:
        return options.get(found["name"], found[0])

    def each(found: re.Match[str]) -> str:
        named = ast.literal_eval(found["values"]).items()
        shown = ((name, ",".join(map(str, v)) if isinstance(v, list) else v) for name, v in named)
        return " ".join(f"{options['values']} {shlex.quote(f'{name}={value}')}" for name, value in shown)

    if "sql" in options:
        message = SQL.sub(lambda call: f"{options['sql']} {call['query']}", message)
    message = CALL.sub(lambda call: call["inside"] if GIVEN.match(call["inside"]) else call[0], message)
    message = VALUES.sub(each, message) if "values" in options else message
    return BARE.sub(bare, GIVEN.sub(given, message))


def options_of(command: click.Command) -> Mapping[str, str]:
    """The options of a command by the names that Python has for them."""
    found = {p.name: max(p.opts, key=len) for p in command.params if isinstance(p, click.Option) and p.name}
    return {**{alias: found[name] for alias, name in ALIASES.items() if name in found}, **found}
