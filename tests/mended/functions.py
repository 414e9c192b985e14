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
)
