"""Training: rates, optimizers, weights, numbers that leave what 32 bits hold."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

MODEL = """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 2), film=rw.Row("film", 2)): return user @ film
"""
SPREAD = MODEL.replace("squared_error)", "squared_error, standardize=True)")
TWO = "two = pl.DataFrame({'user': [0, 1], 'film': [0, 3], 'stars': [5.0, 1.0]})\n"
RATES = "0.05 is usual for adagrad, 0.01 for sgd, 0.001 for adam"


def case(wrong: str, given: str, mend: str, right: str, site: str = "") -> Case:
    """Of lines that have a model of their own to begin with."""
    return Case(MODEL + wrong, given, mend, MODEL + right, site)


CASES = (
    case(
        "m.fit(ratings, epochs=0)",
        "epochs=0",
        "epochs=20 is usual",
        "m.fit(ratings, epochs=20)",
        site="Options.__post_init__: whole | epochs=20 is usual",
    ),
    case(
        "m.fit(ratings, seed='x')",
        "seed='x'",
        "seed=0 is the default",
        "m.fit(ratings, seed=0, epochs=1)",
        site="Options.__post_init__: whole | seed=0 is the default",
    ),
    case(
        "m.fit(ratings, learning_rate=-1)",
        "learning_rate=-1",
        RATES,
        "m.fit(ratings, epochs=1, learning_rate=0.05), m.fit(ratings, epochs=1, optimizer='sgd', learning_rate=0.01), m.fit(ratings, epochs=1, optimizer='adam', learning_rate=0.001)",
        site="Options.__post_init__: number | 0.05 is usual",
    ),
    case(
        "m.fit(ratings, learning_rate=lambda epoch: -1)",
        "learning_rate is -1 in epoch 1",
        RATES,
        "m.fit(ratings, epochs=1, learning_rate=lambda epoch: 0.05)",
        site="learning_rate is … in epoch …",
    ),
    case(
        "m.fit(ratings, learning_rate=lambda: 0.1)",
        "the schedule of learning_rate cannot be called with an epoch (…)",
        "rw.linear_decay(0.05, 20) makes one",
        "m.fit(ratings, epochs=20, learning_rate=rw.linear_decay(0.05, 20))",
    ),
    case(
        "m.fit(ratings, optimizer=optax.apply_if_finite(optax.adam(0.1), 5))",
        "the optimizer 'optax' wraps another optimizer (…)",
        "give the optimizer that is inside",
        "m.fit(ratings, epochs=1, optimizer=optax.adam(0.1))",
    ),
    case(
        "m.fit(ratings, optimizer=optax.chain(optax.add_noise(0.1, 0.1, 0), optax.sgd(0.1)))",
        "the optimizer 'optax' draws random numbers",
        "leave that part out",
        "m.fit(ratings, epochs=1, optimizer=optax.chain(optax.sgd(0.1)))",
        site="_check_state: _not_rowwise | leave that part out",
    ),
    case(
        "m.fit(ratings, optimizer=optax.lbfgs())",
        "the optimizer 'optax' …",
        "optimizer='adagrad' needs no more",
        "m.fit(ratings, epochs=1, optimizer='adagrad')",
    ),
    case(
        """
import jax
def init(rows): return (jnp.arange(rows.size, dtype=jnp.float32).reshape(rows.shape),)
m.fit(ratings, optimizer=optax.GradientTransformation(init, lambda g, state, rows=None: (jax.tree.map(lambda x: -0.1 * x, g), state)))
""",
        "the optimizer starts the state of 'user' with several numbers",
        "optimizer='adagrad' starts with one number",
        "m.fit(ratings, epochs=1, optimizer='adagrad')",
    ),
    case(
        "m.program(update='lazy')",
        "update='lazy'",
        "leave it out for the default",
        "m.program()",
        site="one_of: …=… | leave it out for the default",
    ),
    case(
        "m.fit(ratings, parallel='hogwild', batch_size=8, engine='llvm')",
        "parallel='hogwild' with batches of 8",
        "leave it out: the threads are used anyway",
        "m.fit(ratings, batch_size=8, engine='llvm', epochs=1)",
    ),
    case(
        "m.fit(ratings, epochs=3, optimizer='sgd', learning_rate=1e30, engine='xla')",
        "the loss of batch 1 of epoch 2 is …",
        "lower learning_rate (it was 1e+30), or raise l2; …",
        SPREAD + "m.fit(ratings, epochs=3, optimizer='sgd', learning_rate=0.01, engine='xla')",
        site="XlaBatch.epoch",
    ),
    case(
        TWO + "m.fit(two, epochs=1, optimizer='sgd', learning_rate=3e38, engine='llvm')",
        "table '…' holds numbers that are not finite after epoch 1",
        "lower learning_rate (it was 3e+38), or raise l2; …",
        SPREAD + TWO + "m.fit(two, epochs=1, optimizer='sgd', learning_rate=0.01)",
        site="_check_finite",
    ),
    case(
        "rw.Recommender(epochs=1).fit(ratings.with_columns(stars=pl.col('stars') + 1e9))",
        "'stars' spreads by 1 around 1,000,000,003, where numbers of 32 bits are … apart",
        "subtract 1000000003 from 'stars', and add it to the predictions",
        """
frame = ratings.with_columns(stars=pl.col('stars') + 1e9)
predicted = rw.Recommender(epochs=1).fit(frame.with_columns(pl.col('stars') - 1000000003)).predict(frame) + 1000000003
bool(abs(predicted - 1000000003).max() < 5)
""",
    ),
    case(
        "m.fit(ratings.rename({'film': 'sample weight'}), sample_weight='sample weight')",
        "a column called 'sample weight', and weights",
        "frame.rename({'sample weight': 'weight'})",
        """
frame = ratings.with_columns(pl.lit(1.0).alias('sample weight'))
m.fit(frame.rename({'sample weight': 'weight'}), sample_weight='weight', epochs=1)
""",
    ),
    case(
        "m.fit(ratings, epochs=1, checkpoint='/dev/stdout')",
        "a checkpoint in /dev/stdout",
        "checkpoint='training.ckpt'",
        "m.fit(ratings, epochs=1, checkpoint='training.ckpt')",
        site="owned: a checkpoint in …",
    ),
    case(
        "m.fit(ratings, epochs=1).save('s3://shop/model')",
        "a folder cannot be written to s3://shop/model",
        "write to model, and copy it there afterwards",
        "import shutil\nm.fit(ratings, epochs=1).save('model2')\nshutil.copytree('model2', 'there')\nrw.load('there')",
    ),
    Case(
        "rowwise predict model pairs.csv -o https://example.org/p.csv",
        "nothing can be written to https://example.org/p.csv",
        "write to a file, and copy it there afterwards",
        "rowwise predict model pairs.csv -o p.csv",
    ),
    Case(
        "put('not.db', 'x' * 999)\nrowwise predict model pairs.csv -o sqlite:///not.db --table predictions",
        "sqlite:///not.db cannot be written (file is not a database)",
        "check the URL, and that the server runs",
        "rowwise predict model pairs.csv -o sqlite:///new.db --table predictions",
        site="check_table: faults",
    ),
    Case(
        "pairs = pl.read_csv('pairs.csv').with_columns(note=pl.lit('x' * 40000))\npairs.write_csv('p.csv')\nrowwise predict model p.csv -o p.xlsx",
        "row 1: a text of 40,000 letters",
        "write another format: .csv, .parquet",
        "pairs = pl.read_csv('pairs.csv').with_columns(note=pl.lit('x' * 40000))\npairs.write_csv('p.csv')\nrowwise predict model p.csv -o q.parquet",
    ),
    Case(
        "rw.Recommender(user=7).fit(ratings)",
        "user=7",
        "write user='…'",
        "rw.Recommender(user='user', epochs=1).fit(ratings)",
        site="name_of_column: …=… | write …='…'",
    ),
    Case(
        "rw.Recommender(task='ratings').fit(ratings.rename({'stars': 'timestamp'}))",
        "the ratings have the columns user, film, timestamp",
        "name them: Recommender(user='…', item='…', target='…')",
        "rw.Recommender(task='ratings', epochs=1, user='user', item='film', target='timestamp').fit(ratings.rename({'stars': 'timestamp'}))",
        site="roles: the ratings have the columns … | name them",
    ),
)
