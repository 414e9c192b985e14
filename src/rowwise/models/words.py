"""The words of a model's signature: what a function of rows may ask for.

| word                            | what the function receives                                    | shape            |
|---------------------------------|---------------------------------------------------------------|------------------|
| `Row(column, dim)`              | the row that the example's id names; no `dim` = one number    | `(dim,)` or `()` |
| `Rows(column, dim, length=L)`   | one row for each id of a sequence, padded or cut to L         | `(L, dim)`       |
| `Bag(column, dim)`              | the mean (or sum) of the rows of a list of ids, also weighted | `(dim,)`         |
| `History(user, item, n)`        | what all that a user has says of an item, as one number       | `()`             |
| `Sampled(column, dim, table=t)` | the row of an id drawn at random (a negative)                 | `(dim,)`         |
| `Sampled(…, count=n)`           | the rows of n such ids                                        | `(n, dim)`       |
| `Value(column)`                 | a number of the example itself                                | `()` or `(d,)`   |
| `Mask(argument)`                | of an argument's `Rows`: 1 where there is an id, 0 for padding | `(L,)`           |
| `Mean(column)`                  | the mean of a column over the training data                   | `()`             |
| `Weight(shape)`                 | a dense weight, the same for every example                    | `shape`          |
| `Head(module)`                  | a module of dense layers (Equinox)                            | a callable       |
| `Dropout(shape, rate)`          | a mask drawn for each example: 0 or 1/(1-rate); 1 when fitted | `shape`          |

To a type checker each word is `Any`, so that the function's body checks as the array code it is.
"""

from typing import Any

from rowwise.data.text import Text
from rowwise.errors import BadOption
from rowwise.models.arguments import (
    BagWord,
    Dense,
    Drawn,
    HistoryWord,
    Lookup,
    MaskWord,
    Module,
    RowsWord,
    RowWord,
    SampledWord,
    Shape,
    StatisticWord,
    ValueWord,
)
from rowwise.models.initializers import Initializer, initializer
from rowwise.options import WIDEST, flag, name_of_column, number, one_of, said, whole
from rowwise.program import inputs


def _lookup(made: type[Lookup], column, dim, *, table, l2, init, **more) -> Any:
    word = made.word
    _check_column(word, column)
    axes: Any = dim if made.may_be_matrix and isinstance(dim, tuple | list) and dim else () if dim is None else (dim,)
    row_shape: Shape = tuple(axes)
    _check_shape(word, "dim", row_shape, "leave it out for one number a row")
    _check_shape(word, "length", (more["length"],) if "length" in more else (), "length=20 reads 20 ids of each list")
    _check_l2(word, l2)
    if table is not None:
        name_of_column(f"{word}(table", table, mend="table='item' shares the rows of the argument item")
    flag(f"{word}(trainable", more.get("trainable", True))
    one_of(f"{word}(combine", more.get("combine", "mean"), inputs.COMBINE, mend="combine='mean' is usual")
    if more.get("text") is not None and not isinstance(more["text"], Text):
        raise BadOption(said(f"{word}(text", more["text"]), expected="how texts become rows", mend="text=rw.Text()")
    # a row of several numbers must not start at zero, or a product of two rows never leaves it
    chosen = (
        initializer(init) if init is not None else None if table else initializer("normal" if row_shape else "zeros")
    )
    return made(column, tuple(int(n) for n in row_shape), table, l2, chosen, **more)


def Row(column: str, dim: int | Shape | None = None, *, table=None, l2=0.0, init=None, trainable=True) -> Any:
    """The row of a table that the example's id in `column` names: (dim,), or one number () without `dim`.

    A row may be a matrix, or have more axes: `Row("userId", (4, 16))`.

    `table` names the table (default: the argument's own name), `l2` weighs the row's sum of squares in the loss,
    `init` is a name, the scale of a normal distribution, or a function (generator, shape) -> numbers.
    """
    return _lookup(RowWord, column, dim, table=table, l2=l2, init=init, trainable=trainable)


def Rows(
    column: str, dim: int | None = None, *, length: int, text=None, table=None, l2=0.0, init=None, trainable=True
) -> Any:
    """One row for each id of the example's sequence in `column`, padded or cut to `length`: (length, dim).

    With `text=rw.Text(size=5000)` the column holds texts, and the ids are their words.
    """
    return _lookup(RowsWord, column, dim, table=table, l2=l2, init=init, trainable=trainable, length=length, text=text)


def Bag(
    column: str,
    dim: int | None = None,
    *,
    combine="mean",
    weights=None,
    text=None,
    table=None,
    l2=0.0,
    init=None,
    trainable=True,
) -> Any:
    """The rows of the example's list of ids in `column` as one: (dim,), their "mean", "sum" or "sqrtn" (sum / √n).

    With `text=rw.Text(ngrams=3)` the column holds texts, and the ids are their words and n-grams.

    `weights` names a column of lists of numbers, as many as there are ids: what each row counts for. With weights w the
    sum is Σ w·row; the mean divides it by Σ w, so none may be below 0; "sqrtn" divides it by √Σ w². So does
    TensorFlow's `embedding_lookup_sparse`; the sum is also PyTorch's `EmbeddingBag` with `per_sample_weights`. A bag
    without ids, or whose weights are all 0, is 0. Weights are data: they are not trained.
    """
    if weights is not None:
        _check_column("Bag", weights)
    if weights is not None and text is not None:
        raise BadOption(
            f"Bag({column!r}, text=…, weights={weights!r})",
            expected="weights for the ids of a list: which words of a text have a row is known only when it is read",
            mend="give a column of lists of words, without text=; or leave weights= out: a word counts as often as it "
            "stands in the text",
        )
    more = {"combine": combine, "text": text, "weighted_by": weights}
    return _lookup(BagWord, column, dim, table=table, l2=l2, init=init, trainable=trainable, **more)


def History(user: str, item: str, n: int, *, table: str | None = None) -> Any:
    """What all that a user has says of an item: the sum of one number for each, ().

    The table has `n` rows of `n` numbers, one for every row of the vocabulary of `item`: row j is what having item j
    says of each item. What a user has the model remembers from its training, with what each of it is worth. Such a
    table is solved for as a whole, by `rowwise.api.ranking`, and no epoch of examples trains it.
    """
    _check_column("History", user)
    return _lookup(HistoryWord, item, n, table=table, l2=0.0, init="zeros", trainable=False, of=user)


def Sampled(
    column: str,
    dim: int | None = None,
    *,
    count: int | None = None,
    power: float = 0.0,
    unseen: str | bool = False,
    table=None,
    l2=0.0,
    init=None,
    trainable=True,
) -> Any:
    """The row of an id drawn from the vocabulary of `column`, anew for each example and epoch: (dim,).

    With `count` ids are drawn one by one, which may be the same: (count, dim).

    An id is drawn in proportion to how often it occurs in the data to this `power`: 0 draws all alike, 1 as they occur,
    0.75 is usual for words. Source: Mikolov et al. 2013, "Distributed representations of words and phrases".

    `unseen="userId"` never draws an id that stands beside the example's userId anywhere in the data; `unseen=True` is
    the other column that a `Row` reads, where there is one. Where all ids do, any is drawn.
    """
    if count is not None:
        whole("Sampled(count", count, least=1, most=inputs.MOST_DRAWN, mend="count=5 draws five ids for each example")
    number("Sampled(power", power, below=inputs.STEEPEST, mend="power=0.75 is usual for words, 0 draws all ids alike")
    if not isinstance(unseen, bool):
        name_of_column("Sampled(unseen", unseen, mend="unseen='userId' draws none of the user's own")
    more = {"count": count, "power": power, "unseen": unseen}
    return _lookup(SampledWord, column, dim, table=table, l2=l2, init=init, trainable=trainable, **more)


def Value(column: str, size: int | None = None) -> Any:
    """The number that the example holds in `column`: (), or (size,) where the column holds lists."""
    _check_column("Value", column)
    _check_shape("Value", "size", () if size is None else (size,), "leave it out for one number an example")
    return ValueWord(column, () if size is None else (size,))


def Mask(argument: str) -> Any:
    """What is padding in the `Rows` of another argument: 1 where there is an id, 0 where there is none: (length,)."""
    if not isinstance(argument, str):
        raise BadOption(
            f"Mask({argument!r})", expected="the name of an argument that is Rows", mend="write rw.Mask('words')"
        )
    return MaskWord(argument)


def Mean(column: str) -> Any:
    """The mean of `column` over the training examples, fixed when the model is fitted: ()."""
    _check_column("Mean", column)
    return StatisticWord(column, "mean")


def Weight(shape: int | Shape = (), *, l2=0.0, init: str | float | Initializer | None = None, trainable=True) -> Any:
    """A dense weight, the same for every example; one axis or none starts at zero, more start after Glorot."""
    shape = _shape("Weight", shape)
    _check_l2("Weight", l2)
    flag("Weight(trainable", trainable)
    start = initializer(init) if init is not None else initializer("glorot" if len(shape) > 1 else "zeros")
    return Dense(shape, l2, start, trainable)


def Head(module: object, *, l2=0.0) -> Any:
    """A module of dense layers (Equinox, or any callable pytree); its arrays are trained as dense weights."""
    if not callable(module):
        raise BadOption(
            f"Head({module!r}) cannot be called",
            expected="a module of dense layers, such as those of Equinox",
            mend="rw.Head(eqx.nn.MLP(100, 'scalar', 70, 1, key=jax.random.key(0)))",
        )
    _check_l2("Head", l2)
    return Module(module, l2)


def Dropout(shape: int | Shape, rate: float = 0.5) -> Any:
    """A mask to multiply by, drawn for each example: 0 with probability `rate`, else 1/(1-rate); all 1 when fitted."""
    return Drawn(_shape("Dropout", shape), number("Dropout(rate", rate, below=1.0, mend="rate=0.5 drops half"))


def _shape(word: str, shape: int | Shape) -> Shape:
    axes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    _check_shape(word, "shape", axes, f"a shape is a number, as in {word}(70), or several, as in {word}((70, 100))")
    return tuple(int(n) for n in axes)


def _check_shape(word: str, name: str, axes: Shape, mend: str) -> None:
    for n in axes:
        whole(f"{word}({name}", n, least=1, most=WIDEST, mend=mend)


def _check_column(word: str, column: object) -> None:
    if not isinstance(column, str):
        raise BadOption(f"{word}({column!r})", expected="the name of a column", mend=f"write rw.{word}('userId')")


def _check_l2(word: str, l2: float) -> None:
    number(f"{word}(l2", l2, mend="l2=1e-4 is a little, l2=0.1 is a lot")
