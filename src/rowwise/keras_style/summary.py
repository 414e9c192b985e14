"""A model of layers in, the table of them out: what each gives, how many numbers it has, what it reads."""

from math import prod
from typing import TYPE_CHECKING

from rowwise.keras_style.layers import Embedding
from rowwise.keras_style.symbol import shown

if TYPE_CHECKING:
    from rowwise.keras_style.network import Model


def summary(model: "Model") -> str:
    """A line for each symbolic value, the number of weights, and what an example moves of them."""
    symbols = model.symbols if model.inputs else []
    cells = [("layer", "gives", "numbers", "reads")]
    told = set()
    for symbol in symbols:
        layer = symbol.layer
        count = f"{layer.count_params():,}" if layer.count_params() and layer.name not in told else ""
        told.add(layer.name)
        frozen = "" if layer.trainable else ", frozen"
        cells.append((f"{symbol.name} ({layer.kind}{frozen})", shown(symbol.shape), count,
                      ", ".join(i.name for i in symbol.inputs)))  # fmt: skip
    widths = [max(len(row[k]) for row in cells) for k in range(4)]
    lines = [
        f"{name:<{widths[0]}}  {gives:<{widths[1]}}  {count:>{widths[2]}}  {reads}".rstrip()
        for name, gives, count, reads in cells
    ]
    rows = sum(prod(s.shape) for s in symbols if isinstance(s.layer, Embedding))
    total = sum(layer.count_params() for layer in {s.layer: s.layer for s in symbols})
    lines.append(f"{total:,} numbers in all, of which an example looks up {rows:,}")
    if model._compiled is not None:
        lines.append(UPDATES[model._compiled.update])
    return "\n".join([f"{model.name}", *(f"  {line}" for line in lines)])


UPDATES = {
    "dense": 'update="dense", as in Keras: at every batch every row of every table moves and pays its l2, '
    "and Adam's averages fade",
    "sparse": 'update="sparse", unlike Keras: a batch moves the rows that it looks up and no others; only they pay l2, '
    "and Adam counts the updates of each row",
}
