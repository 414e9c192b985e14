"""The command `open`: a saved model as a page that answers and learns, in the browser or as one file."""

import click

from rowwise.cli.manners import example
from rowwise.cli.shared import loaded, say_written
from rowwise.cli.sources import items_file, reads
from rowwise.screen import say


@click.command(
    "open",
    short_help="The model as a page that answers and learns.",
    epilog=example(
        "rowwise open model/ --data ratings.csv --items movies.csv",
        "rowwise open model/ --data ratings.csv --save model.html",
    ),
)
@click.argument("model")
@click.option("--data", metavar="FILE", help="Ratings, or other examples, that the page can show.")
@reads("data")
@items_file
@click.option("--save", metavar="FILE", help="Write one file, which needs no network, instead of opening a browser.")
def open_page(model: str, data: object, items: object, save: str | None) -> None:
    """MODEL as one page: change a number and see what it says, take a step and see what it learns."""
    from rowwise.storage.whole import try_place

    fitted = loaded(model)
    if save is not None:
        try_place(save)
        fitted.page(save, data=data, items=items)
        say_written(save)
        return
    import webbrowser

    from rowwise.views.page.local import Local
    from rowwise.views.page.page import page

    with Local(page(fitted.trained, data=data, items=items)) as local:
        say(f"the page is at {local.address}, for this machine only; Ctrl-C ends it")
        webbrowser.open(local.address)
        local.wait()
