"""Functions of JAX and models of Keras that are brought along."""

from mends import Case

BEGIN = """
params = {"user": np.ones((8, 2), np.float32), "film": np.ones((8, 2), np.float32)}
example = {"user": np.int32(1), "film": np.int32(1)}
x, y = {name: ratings[name].to_numpy() for name in ("user", "film")}, ratings["stars"].to_numpy()
def score(params, example): return params["user"][example["user"]] @ params["film"][example["film"]]
"""


def case(wrong: str, given: str, mend: str, right: str, site: str = "") -> Case:
    """Of lines that have a function of tables to begin with."""
    return Case(BEGIN + wrong, given, mend, BEGIN + right, site)


CASES = (
    case(
        "rw.from_jax(7, params, example)",
        "function=7",
        "from_jax(lambda params, example: params['user'][example['user']].sum(), params, example)",
        "rw.from_jax(lambda params, example: params['user'][example['user']].sum(), params, example)",
    ),
    case(
        "rw.from_jax(score, params, 7)",
        "case.py:4 (score): … cannot be computed: …",
        "make the shapes on that line fit; there is no batch axis here",
        "rw.from_jax(score, params, example)",
        site="computed: … cannot be computed: … | …",
    ),
    case(
        "rw.from_jax(lambda params, example: (score(params, example), 1.0), params, example)",
        "<lambda> gives (…)",
        "return the prediction alone",
        "rw.from_jax(lambda params, example: score(params, example), params, example)",
    ),
    case(
        "rw.from_jax(lambda params, example: params['user'].sum(), params, example)",
        "<lambda> looks up no rows by numbers of the example",
        "index a table in it, as in params['user'][example['user']]",
        "rw.from_jax(lambda params, example: params['user'][example['user']].sum(), params, example)",
    ),
    case(
        "rw.from_jax(lambda params, example: score(params, example) + params['user'].sum(), params, example)",
        "user is looked up, and read whole by reduce_sum of …",
        "give that part a weight of its own",
        """
params["all"] = np.ones((8, 2), np.float32)
rw.from_jax(lambda params, example: score(params, example) + params['all'].sum(), params, example).fit(x, y)
""",
    ),
    case(
        "rw.from_jax(score, params, example).fit(x, y[:5])",
        "5 targets of shape () for 48 examples",
        "take x and y from the same rows",
        "rw.from_jax(score, params, example).fit({name: ids[:5] for name, ids in x.items()}, y[:5])",
        site="target_of: … targets of shape",
    ),
    case(
        "rw.from_jax(score, params, example).fit({'user': x['user']}, y)",
        "film is given nothing",
        "give what the function reads, with an axis of examples in front",
        "rw.from_jax(score, params, example).fit(x, y), rw.from_jax(score, params, example).fit(ratings, y)",
    ),
    case(
        "rw.from_jax(score, params, example).predict({'user': 1, 'film': 2})",
        "user is 1",
        "a list, also of one: [1]",
        "rw.from_jax(score, params, example).predict({'user': [1], 'film': [2]})",
        site="array_of: … is … | a list, also of one: […]",
    ),
    case(
        "rw.from_jax(score, params, example, l2=1e-4)",
        "l2=0.0001",
        "l2={'user': 1e-4}",
        "rw.from_jax(score, params, example, l2={'user': 1e-4})",
        site="from_jax: mapping",
    ),
    case(
        "rw.from_jax(score, params, example, name=7)",
        "name=7",
        "leave it out: the model is called as the function",
        "rw.from_jax(score, params, example)",
        site="from_jax: text",
    ),
    case(
        "rw.from_jax(score, params, example).fit(x, None)",
        "no targets for score",
        "fit(x, y)",
        "rw.from_jax(score, params, example).fit(x, y)",
        site="Brought.fit: no targets",
    ),
)
