"""Training as a picture: the loss and the validation error by epoch."""

from typing import Any

import polars as pl

from rowwise.errors import RowwiseError


def plot_history(history: pl.DataFrame) -> Any:
    """A Matplotlib figure of the training loss and, where there is one, the validation error."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise RowwiseError("Matplotlib is not installed", mend="pip install 'rowwise[plots]'") from None

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(history["epoch"], history["loss"], label="training loss")
    watched = next((name for name in history.columns if name.startswith("validation_")), None)
    if watched is not None:
        axes.plot(history["epoch"], history[watched], label=watched.replace("_", " "))
    axes.set_xlabel("epoch")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
