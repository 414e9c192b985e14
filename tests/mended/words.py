"""Words of a model's signature, such as Row and Bag, that say what cannot be."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

CASES = (
    Case(
        "rw.Text(ngrams=0)",
        "ngrams=0",
        "ngrams=3",
        "rw.Text(ngrams=3)",
    ),
    Case(
        'rw.Text(pad="middle")',
        "pad='middle'",
        "leave it out for the default",
        "rw.Text()",
        site="one_of: …=… | leave it out for the default",
    ),
    Case(
        "rw.Row(3)",
        "Row(3)",
        "write rw.Row('userId')",
        "rw.Row('userId')",
    ),
    Case(
        'rw.Row("user", 0)',
        "Row(dim=0)",
        "leave it out for one number a row",
        'rw.Row("user")',
        site="_check_shape | leave it out for one number a row",
    ),
    Case(
        'rw.Row("user", l2=-1)',
        "Row(l2=-1)",
        "l2=1e-4 is a little, l2=0.1 is a lot",
        'rw.Row("user", l2=1e-4)',
        site="number | l2=1e-4 is a little, l2=0.1 is a lot",
    ),
    Case(
        'rw.Row("user", table=3)',
        "Row(table=3)",
        "table='item' shares the rows of the argument item",
        "rw.Row(\"user\", table='item')",
        site="name_of_column | table='item' shares the rows of the argument item",
    ),
    Case(
        'rw.Rows("words", length=0)',
        "Rows(length=0)",
        "length=20 reads 20 ids of each list",
        'rw.Rows("words", length=20)',
        site="_check_shape | length=20 reads 20 ids of each list",
    ),
    Case(
        'rw.Sampled("film", count=0)',
        "Sampled(count=0)",
        "count=5 draws five ids for each example",
        'rw.Sampled("film", count=5)',
        site="Sampled: whole | count=5 draws five ids for each example",
    ),
    Case(
        'rw.Sampled("film", power=-1)',
        "Sampled(power=-1)",
        "power=0.75 is usual for words, 0 draws all ids alike",
        'rw.Sampled("film", power=0.75), rw.Sampled("film", power=0)',
        site="Sampled: number | power=0.75 is usual for words, 0 draws all ids alike",
    ),
    Case(
        'rw.Sampled("film", unseen=3)',
        "Sampled(unseen=3)",
        "unseen='userId' draws none of the user's own",
        "rw.Sampled('film', unseen='userId')",
        site="Sampled: name_of_column | unseen='userId' draws none of the user's own",
    ),
    Case(
        'rw.Bag("words", combine="product")',
        "Bag(combine='product')",
        "combine='mean' is usual",
        "rw.Bag(\"words\", combine='mean')",
        site="one_of | combine='mean' is usual",
    ),
    Case(
        'rw.Bag("words", text=3)',
        "Bag(text=3)",
        "text=rw.Text()",
        'rw.Bag("words", text=rw.Text())',
    ),
    Case(
        'rw.Bag("words", text=rw.Text(), weights="w")',
        "Bag('words', text=…, weights='w')",
        "give a column of lists of words, without text=; or leave weights= out: a word counts as often as it stands in the text",
        'rw.Bag("words", weights="w"), rw.Bag("words", text=rw.Text())',
    ),
    Case(
        'rw.Value("hour", 0)',
        "Value(size=0)",
        "leave it out for one number an example",
        'rw.Value("hour")',
        site="_check_shape | leave it out for one number an example",
    ),
    Case(
        "rw.Mask(3)",
        "Mask(3)",
        "write rw.Mask('words')",
        "rw.Mask('words')",
    ),
    Case(
        "rw.Head(3)",
        "Head(3) cannot be called",
        "rw.Head(eqx.nn.MLP(100, 'scalar', 70, 1, key=jax.random.key(0)))",
        """
import equinox as eqx, jax
rw.Head(eqx.nn.MLP(100, 'scalar', 70, 1, key=jax.random.key(0)))
""",
    ),
    Case(
        "rw.Dropout(3, rate=1.0)",
        "Dropout(rate=1.0)",
        "rate=0.5 drops half",
        "rw.Dropout(3, rate=0.5)",
        site="number | rate=0.5 drops half",
    ),
    Case(
        "rw.Weight((3, 0))",
        "Weight(shape=0)",
        "a shape is a number, as in Weight(70), or several, as in Weight((70, 100))",
        "rw.Weight(70), rw.Weight((70, 100))",
        site="_check_shape | a shape is a number, as in …(70), or several, as in …((70, 100))",
    ),
    Case(
        'rw.Row("user", 3, init="xyzzy")',
        "init='xyzzy' is no initializer",
        "init='normal' is the usual start of a row",
        "rw.Row(\"user\", 3, init='normal')",
    ),
)
