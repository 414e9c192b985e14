"""`rowwise update`: more data in, the same model out, which knows them."""

import click

from rowwise.cli.manners import example
from rowwise.cli.options import Whole
from rowwise.cli.saving import check_output, saved
from rowwise.cli.shared import folder_name, loaded
from rowwise.cli.sources import reads
from rowwise.errors import BadOption
from rowwise.screen import say


@click.command(
    short_help="Take new users, items and ratings into a model.",
    epilog=example("rowwise update model/ new.csv", "rowwise update model/ new.csv --only-new -o tomorrow/"),
)
@click.argument("model")
@click.argument("data")
@click.option("-o", "--output", metavar="FOLDER", help="Where the model goes. [default: in place of MODEL]")
@click.option("--only-new", is_flag=True, help="Rows for new ids, solved for at once; every other row stays as it is.")
@click.option("--epochs", type=Whole(1, 1), help="Passes over DATA after new ids have their rows. [default: 1]")
@reads("data")
def update(model: str, data: object, output: str | None, only_new: bool, epochs: int | None) -> None:
    """Take DATA into MODEL without training it anew: new ids get rows, then all rows move a little."""
    if only_new and epochs is not None:
        raise BadOption(
            f"--only-new with --epochs {epochs}",
            expected="one of them: nothing is trained where only new ids get rows",
            mend="leave one of them out",
        )
    fitted, output = loaded(model), output or model
    check_output(output)
    known = len(fitted.report.splitlines())
    new = fitted.fold_in(data) if only_new else fitted.update(data, **({} if epochs is None else {"epochs": epochs}))
    for line in new.report.splitlines()[known:]:
        say(line)
    say(f"saved {folder_name(saved(new, output))}")
