"""The command `serve`: saved models as a service over HTTP."""

from typing import TYPE_CHECKING

import click

from rowwise.cli.manners import example
from rowwise.cli.options import Named, Whole
from rowwise.errors import BadOption, RowwiseError
from rowwise.screen import say

if TYPE_CHECKING:
    from rowwise.serve.shelf import Wanted

MOST_WORKERS = 256


@click.command(
    short_help="Answer over HTTP.",
    epilog=example(
        "rowwise serve model/ --items movies.csv --port 8000 --workers 2",
        "rowwise serve old=model/ new=model_b/ --share new=0.1",
    ),
)
@click.argument("models", nargs=-1, required=True, metavar="[NAME=]MODEL...")
@click.option("--items", metavar="FILE", help="What people call the items: a file of ids and titles.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 is all.")
@click.option("--port", type=Whole(1, 8000, 65535), default=8000, show_default=True)
@click.option("--workers", type=Whole(1, 2, MOST_WORKERS), default=1, show_default=True, help="Processes that answer.")
@click.option("--share", "shares", type=Named(), multiple=True, metavar="NAME=SHARE",
              help="The share of the requests that name no model and go to this one.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No line for each request.")
def serve(
    models: tuple[str, ...],
    items: str | None,
    host: str,
    port: int,
    workers: int,
    shares: tuple[tuple[str, str], ...],
    quiet: bool,
) -> None:
    """Answer for MODELS over HTTP: predictions, lists, neighbours, steps. GET /openapi.json tells all questions.

    A folder that is replaced is read anew, and requests under way finish with the model that they began with. The
    first model answers for those who name none by the header X-Rowwise-Model.
    """
    try:
        from rowwise.serve.run import Options, check_address, run
        from rowwise.serve.shelf import Shelf
    except ModuleNotFoundError as error:
        raise RowwiseError(
            f"{error.name} is not installed", expected="the extra `serve`", mend="pip install 'rowwise[serve]'"
        ) from None
    wanted = _wanted(models, items, dict(shares))
    check_address(host, port)
    Shelf(wanted)  # what cannot be read is said here, and not by each worker
    say(f"answering at http://{host}:{port}; Ctrl-C ends it", err=True)
    run(Options(wanted, host, port, workers, not quiet))


def _wanted(models: tuple[str, ...], items: str | None, shares: dict[str, str]) -> "tuple[Wanted, ...]":
    from rowwise.serve.shelf import Wanted

    named = [_named(model) for model in models]
    names = [name for name, _ in named]
    if strange := sorted(set(shares) - set(names[1:])):
        raise BadOption(
            f"--share {strange[0]}={shares[strange[0]]}",
            expected=f"one of the models after the first: {', '.join(names[1:]) or 'there is none'}",
            mend="rowwise serve old=model/ new=model_b/ --share new=0.1",
        )
    return tuple(Wanted(name, folder, items, _share(name, shares.get(name))) for name, folder in named)


def _named(model: str) -> tuple[str, str]:
    """`b=model_b/` as a name and a folder; a folder alone is called "model"."""
    name, found, folder = model.partition("=")
    if not found or "/" in name:
        return "model", model
    if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
        raise BadOption(f"a model called {name[:40]!r}", expected="letters, numbers, - and _", mend=f"new={folder}")
    return name, folder


def _share(name: str, typed: str | None) -> float | None:
    if typed is None:
        return None
    try:
        share = float(typed)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise BadOption(f"--share {name}={typed}", expected="a share from 0 to 1", mend=f"--share {name}=0.1")
    return share
