"""The command line: `rowwise train`, `evaluate`, `predict`, `recommend`, `similar`, `info`, `demo`, `steps`, `open` …

Each command says what it did on the standard output and how it goes on the standard error. The exit status is 0 when
it is done, 2 when something that was given has to be mended, 1 when Rowwise itself has a fault. What takes long to
import is imported by the command that needs it.
"""

import click

from rowwise import __version__
from rowwise.cli.manners import Commands, example
from rowwise.cli.opening import sheet, steps, unsheet
from rowwise.cli.options import Words
from rowwise.cli.page import open_page
from rowwise.cli.serving import serve
from rowwise.cli.training import train
from rowwise.cli.updating import update
from rowwise.cli.using import demo, evaluate, info, predict, recommend, similar


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example(
        "rowwise train ratings.csv --user userId --item movieId --target rating -o model/",
        "rowwise recommend model/ --user 15",
    ),
)
@click.version_option(__version__, message="rowwise %(version)s")
def main() -> None:
    """Embedding models you can see through: from a file of ratings to recommendations."""


for command in (
    train,
    update,
    evaluate,
    predict,
    recommend,
    similar,
    info,
    demo,
    steps,
    sheet,
    unsheet,
    open_page,
    serve,
):
    for parameter in command.params:
        parameter.type = Words() if parameter.type is click.STRING else parameter.type
    main.add_command(command)
