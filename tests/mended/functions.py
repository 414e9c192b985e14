"""Functions and signatures that are no model."""

from mends import Case

CASES = (
    Case(
        """
@rw.model
def m(user=rw.Row("user")): return user
""",
        "@model has no parentheses",
        "@rw.model()",
        """
@rw.model()
def m(user=rw.Row("user")): return user, user**2
""",
    ),
    Case(
        """
@rw.model(target="stars")
def m(user=rw.Row("user")): return user
""",
        "case.py:1 (m) has target='stars' and loss=None",
        "write @rw.model(target='rating', loss=rw.squared_error)",
        """
@rw.model(target='rating', loss=rw.squared_error)
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss="squared_eror")
def m(user=rw.Row("user")): return user
""",
        "loss='squared_eror'",
        "loss=rw.squared_error suits ratings",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user): return user
""",
        "argument 'user' of case.py:1 (m) has no default",
        "write user=rw.Row('user', 50) if user is a row of 50 numbers",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 50)): return user @ user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(hour=rw.Value("hour")): return hour
""",
        "case.py:1 (m) looks up no rows",
        "add an argument such as user=rw.Row('userId', 50)",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row('userId', 50)): return user @ user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 3)): return user
""",
        "case.py:1 (m) returns (3,)",
        "contract the axis that is left, for example with @ or jnp.sum",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 3)): return jnp.sum(user)
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(a=rw.Row("user", 3), b=rw.Row("film", 4, table="a")): return a @ b[:3]
""",
        "table 'a' of case.py:1 (m) is shared with two widths: a reads rows of (3,), b reads rows of (4,)",
        "give them the same dim, or a table each",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(a=rw.Row("user", 3), b=rw.Row("film", 3, table="a")): return a @ b
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error, clip="yes")
def m(user=rw.Row("user")): return user
""",
        "clip='yes'",
        "write clip='data'",
        """
@rw.model(target="stars", loss=rw.squared_error, clip='data')
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error, standardize=True, range=(0, 1))
def m(user=rw.Row("user")): return user
""",
        "case.py:1 (m) has standardize=True and range=(0.0, 1.0)",
        "leave standardize out",
        """
@rw.model(target="stars", loss=rw.squared_error, range=(0, 1))
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.binary_cross_entropy, standardize=True)
def m(user=rw.Row("user")): return user
""",
        "case.py:1 (m) has standardize=True and the loss binary_cross_entropy",
        "leave standardize out",
        """
@rw.model(target="stars", loss=rw.binary_cross_entropy)
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model()
def m(target=rw.Row("user")): return target, target**2
""",
        "case.py:1 (m) has an argument 'target'",
        "rename the argument",
        """
@rw.model()
def m(other=rw.Row("user")): return other, other**2
""",
    ),
    Case(
        'rw.zoo.matrix_factorization.replace(usr=rw.Row("user", 2))',
        "matrix_factorization has no argument 'usr'",
        "did you mean 'user'?",
        'rw.zoo.matrix_factorization.replace(user=rw.Row("reader", 50))',
        site="… has no argument … | …",
    ),
    Case(
        'rw.zoo.matrix_factorization.replace(xyzzy=rw.Row("user", 2))',
        "matrix_factorization has no argument 'xyzzy'",
        "name an argument of the function",
        'rw.zoo.matrix_factorization.replace(user=rw.Row("reader", 50))',
    ),
    Case(
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, validation=0.1, patience=2)
""",
        "validation and patience with own, which returns its own loss",
        "leave validation and patience out",
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1)
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error, range=3)
def m(user=rw.Row("user")): return user
""",
        "range=3",
        "write range=(1, 5)",
        """
@rw.model(target="stars", loss=rw.squared_error, range=(1, 5))
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 3), film=rw.Row("film", 4)): return user @ film
""",
        "case.py:2 (m): … cannot be computed: …",
        "make the shapes on that line fit; there is no batch axis here",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 4), film=rw.Row("film", 4)): return user @ film
""",
        site="computed: … cannot be computed: … | …",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")):
    return user if user > 0 else -user
""",
        "case.py:3 (m): `return user if user > 0 else -user` cannot be computed: …",
        "numbers are known only when the model runs: write jnp.where(condition, a, b) in place of if",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")):
    return jnp.where(user > 0, user, -user)
""",
        site="computed: … cannot be computed: … | …",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")):
    return np.asarray(user)
""",
        "case.py:3 (m): `return np.asarray(user)` cannot be computed: …",
        "use jax.numpy in place of numpy",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")):
    import jax.numpy
    return jax.numpy.asarray(user)
""",
        site="computed: … cannot be computed: … | …",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")):
    return usr
""",
        "case.py:3 (m): `return usr` cannot be computed: …",
        "correct that line: it was run as Python, with arrays of one example",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")):
    return user
""",
        site="computed: … cannot be computed: … | …",
    ),
    Case(
        """
@rw.model(target="stars", loss=lambda prediction, target: np.log(prediction))
def m(user=rw.Row("user")): return user
""",
        "case.py:1 (<lambda>): …, the loss of m, cannot be computed: …",
        "write it with jax.numpy, for one prediction and one target, and no batch axis",
        """
import jax.numpy
@rw.model(target="stars", loss=lambda prediction, target: jax.numpy.log(1 + (prediction - target) ** 2))
def m(user=rw.Row("user")): return user
m.fit(ratings, epochs=1)
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=lambda prediction, target: jnp.array([prediction, target]))
def m(user=rw.Row("user")): return user
""",
        "case.py:1 (<lambda>), the loss of m, returns (2,)",
        "jnp.sum(…) of it is one number, and so is jnp.mean(…)",
        """
@rw.model(target="stars", loss=lambda prediction, target: jnp.sum(jnp.array([prediction, target]) ** 2))
def m(user=rw.Row("user")): return user
m.fit(ratings, epochs=1)
""",
    ),
    Case(
        """
@rw.model(target="stars", loss="squared_error")
def m(user=rw.Row("user")): return user
""",
        "loss='squared_error'",
        "write loss=rw.squared_error",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")): return user
""",
        site="loss_of: loss=… | write loss=rw.…",
    ),
    Case(
        """
from rowwise.models.losses import Loss
Loss("own", lambda prediction, target: (prediction - target) ** 2, targets="stars")
""",
        "Loss(targets='stars')",
        "targets='number' suits numbers of any size",
        """
from rowwise.models.losses import Loss
Loss("own", lambda prediction, target: (prediction - target) ** 2, targets='number')
""",
        site="one_of | targets='number' suits numbers of any size",
    ),
    Case(
        "rw.layers.convolution(jnp.ones((5, 2)), jnp.ones((3, 2, 4)), padding='sme')",
        "padding='sme'",
        "did you mean 'same'?",
        "rw.layers.convolution(jnp.ones((5, 2)), jnp.ones((3, 2, 4)), padding='same')",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(words=rw.Rows("user", 2, length=3), there=rw.Mask("word")): return words.sum() + there.sum()
""",
        "argument 'there' of case.py:1 (m) is the mask of 'word', which is no Rows",
        "write there=rw.Mask('words')",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(words=rw.Rows("user", 2, length=3), there=rw.Mask('words')): return words.sum() + there.sum()
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user"), there=rw.Mask("user")): return user + there.sum()
""",
        "argument 'there' of case.py:1 (m) is the mask of 'user', which is no Rows",
        "only Rows are padded: leave it out",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user")): return user
""",
    ),
    Case(
        """
@rw.model(clip="data")
def m(user=rw.Row("user")): return user, user**2
""",
        "case.py:1 (m) has clip='data' and no target",
        "leave clip out",
        """
@rw.model()
def m(user=rw.Row("user")): return user, user**2
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(w=rw.Row("user", table="user"), user=rw.Weight(())): return w * user
""",
        "table 'user' of case.py:1 (m) has the name of a dense weight",
        "table='user_rows' is another name",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(w=rw.Row("user", table='user_rows'), user=rw.Weight(())): return w * user
""",
    ),
    Case(
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(one=rw.Row("user"), list=rw.Bag("user")): return one + list
""",
        "column 'user' of case.py:1 (m) is read in two forms: one is a Row, list is a Bag",
        "copy the column under a second name, and let one argument read that",
        """
@rw.model(target="stars", loss=rw.squared_error)
def m(one=rw.Row("user"), list=rw.Bag("users")): return one + list
m.fit(ratings.with_columns(users=pl.concat_list("user")), epochs=1)
""",
    ),
    Case(
        """
@rw.model()
def m(list=rw.Bag("user"), other=rw.Sampled("user", table="list")): return list, (list - other) ** 2
""",
        "case.py:1 (m) draws single ids from column 'user', which holds lists",
        "leave the Sampled out, or read 'user' with a Row, one id an example",
        """
@rw.model()
def m(one=rw.Row("user"), other=rw.Sampled("user", table="one")): return one, (one - other) ** 2
@rw.model()
def m(list=rw.Bag("user")): return list, list ** 2
""",
    ),
    Case(
        """
@rw.model()
def m(user=rw.Row("user"), film=rw.Row("film"), other=rw.Sampled("film", table="film", unseen="film")):
    return user + film, (film - other) ** 2
""",
        "argument 'other' of case.py:1 (m) draws from 'film' what is unseen beside 'film'",
        "unseen='user'",
        """
@rw.model()
def m(user=rw.Row("user"), film=rw.Row("film"), other=rw.Sampled("film", table="film", unseen="user")):
    return user + film, (film - other) ** 2
m.fit(ratings, epochs=1)
""",
        site="_with_sides: argument … of … draws from … what is unseen beside … | unseen=…",
    ),
    Case(
        """
import rowwise.train.sets as sets
from unittest.mock import patch
@rw.model()
def m(user=rw.Row("user"), film=rw.Row("film"), other=rw.Sampled("film", table="film", unseen="user")):
    return user + film, (film - other) ** 2
ratings.write_parquet("ratings.parquet")
with patch.object(sets, "PAIRS", 1):
    m.fit("ratings.parquet", epochs=1, chunk_rows=2)
""",
        "unseen='user' with more pairs than are held in memory",
        "leave unseen= out: of many items few are known to one user",
        """
@rw.model()
def m(user=rw.Row("user"), film=rw.Row("film"), other=rw.Sampled("film", table="film")):
    return user + film, (film - other) ** 2
ratings.write_parquet("ratings.parquet")
m.fit("ratings.parquet", epochs=1, chunk_rows=2)
""",
    ),
    Case(
        """
@rw.model()
def m(film=rw.Row("film"), other=rw.Sampled("film", table="film", unseen=True)): return film, (film - other) ** 2
""",
        "argument 'other' of case.py:1 (m) draws from 'film' what is unseen beside the other id",
        "leave unseen= out",
        """
@rw.model()
def m(film=rw.Row("film"), other=rw.Sampled("film", table="film")): return film, (film - other) ** 2
m.fit(ratings, epochs=1)
""",
    ),
)
