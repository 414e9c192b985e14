"""Functions that a backend has no form for, and sheets that would be too large."""

# ruff: noqa: E501  what is said is said whole

from mends import Case


def model(
    body: str, words: str = 'user=rw.Row("user", 4), film=rw.Row("film", 4)', loss: str = "rw.squared_error"
) -> str:
    """A model of one line."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f'import jax\n@rw.model(target="stars", loss={loss})\ndef m({words}):\n{lines}\n'


FIT = "m.fit(ratings, epochs=1, engine='llvm')"
XLA = "m.fit(ratings, epochs=1, engine='xla')"
SHEET = "fitted = m.fit(ratings, epochs=1)\nfitted.sheet('m.xlsx')"
OWN = "@rw.model()\ndef m(user=rw.Row('user', 4), film=rw.Row('film', 4), other=rw.Sampled('film', 4, table='film')):\n"

CASES = (
    Case(
        model("return jnp.sort(jnp.outer(jnp.tile(user, 25), jnp.tile(film, 200)), axis=0).sum()") + FIT,
        "engine='llvm' cannot run m: a value of 80000 numbers would be kept for each example",
        "use engine='xla'",
        model("return jnp.sort(jnp.outer(jnp.tile(user, 25), jnp.tile(film, 200)), axis=0).sum()") + XLA,
        site="Emitter.scratch",
    ),
    Case(
        model("return jnp.tile(user, 300) @ jnp.tile(film, 300)") + FIT,
        "engine='llvm' cannot run m: … has rows of 1200 numbers",
        "use engine='xla'",
        model("return jnp.tile(user, 300) @ jnp.tile(film, 300)") + XLA,
    ),
    Case(
        model("return user @ film + jnp.argmax(jnp.outer(user, film), axis=0).sum()") + FIT,
        "engine='llvm' cannot run m: the place of a maximum over axis 0 of (4, 4)",
        "use engine='xla'",
        model("return user @ film + jnp.argmax(jnp.outer(user, film).T, axis=1).sum()") + FIT + "\n" + XLA,
        site="_place_of",
    ),
    Case(
        model("return user @ film.astype(jnp.int8)") + "m.program()",
        "'convert_element_type' gives int8 at case.py:4:18 (m)",
        "convert to one of them in that line, as in x.astype(jnp.int32)",
        model("return user @ film.astype(jnp.int32)") + "m.program()",
        site="no_such_type",
    ),
    Case(
        model("return user[7] + film[0]") + "m.program()",
        "… reads number 7 of an axis that has 4",
        "index inside; jnp.take(x, index, mode='clip') gives the nearest, jnp.take(x, index, mode='fill', fill_value=0) gives 0",
        model("return jnp.take(user, 7, mode='clip') + jnp.take(user, 7, mode='fill', fill_value=0) + film[0]")
        + "m.program()",
    ),
    Case(
        model("return user @ film + (user > 0).at[1].set(film[0] > 0).sum()") + "m.program()",
        "… changes some numbers of a bool array",
        "write x.astype(jnp.float32).at[index].set(number), and compare it with 0 or round it after",
        model(
            "x, index, number = user > 0, 1, film[0]\nreturn user @ film + (x.astype(jnp.float32).at[index].set(number) > 0).sum()"
        )
        + "m.program()",
    ),
    Case(
        model("return jnp.linalg.eigvalsh(jnp.outer(user, film))[0]") + "m.program()",
        "'eigh' at … cannot be written as steps",
        "write the line with those operations",
        model("return (user * film).max()") + "m.program()",
        site="_no_steps",
    ),
    Case(
        OWN + "    return user @ other, (user @ film) ** 2\nm.fit(ratings, epochs=1)",
        "the prediction of case.py:1 (m) reads 'other', which is drawn at random",
        "return (prediction, loss), and let only the loss read it",
        OWN + "    return user @ film, (user @ other) ** 2\nm.fit(ratings, epochs=1)",
    ),
    Case(
        model("return jax.lax.while_loop(lambda x: x < 9.0, lambda x: x * 2, 1 + (user @ film) ** 2)") + "m.program()",
        "case.py:4 (m): … has no derivative: …",
        "write a loop of known length with jnp or lax.scan, or stop the gradient there",
        model("return jax.lax.scan(lambda x, _: (x * 2, None), 1 + (user @ film) ** 2, length=3)[0]") + "m.program()",
    ),
    Case(
        model("return jax.lax.scan(lambda x, _: (x * 2, None), user @ film, length=10**7)[0]") + "m.program()",
        "one example takes … steps, each round of a loop counted or more",
        "write a smaller dim=, a smaller length=, or a loop of fewer rounds",
        model("return jax.lax.scan(lambda x, _: (x * 2, None), user @ film, length=10)[0]") + "m.program()",
    ),
    Case(
        model("return jnp.where(user @ film > 9, jnp.inf, user @ film)") + SHEET,
        "the model computes with inf",
        "write a large number in place of it, such as 1e30",
        model("return jnp.where(user @ film > 9, 1e30, user @ film)") + SHEET,
    ),
    Case(
        model("return user @ film + w.sum()", 'user=rw.Row("user", 4), film=rw.Row("film", 4), w=rw.Weight((400, 300))')
        + SHEET,
        "m has 120,000 dense weights (w: 400 × 300)",
        "fit fewer units, filters or factors, or shorter texts",
        model("return user @ film + w.sum()", 'user=rw.Row("user", 4), film=rw.Row("film", 4), w=rw.Weight((4, 3))')
        + SHEET,
    ),
    Case(
        model("return user @ film", 'user=rw.Row("user", 9000), film=rw.Row("film", 9000)') + SHEET,
        "one sheet would need … columns and … rows",
        "show fewer users, items or examples, or a model with fewer factors or a shorter text",
        model("return user @ film")
        + "fitted = m.fit(ratings, epochs=1)\nfitted.sheet('m.xlsx', users=3, films=3, examples=3)",
    ),
    Case(
        model("return user @ film") + "m.fit(ratings, epochs=1).sheet('m.xlsx', users=0)",
        "0 ids of user",
        "leave the option out for 15",
        model("return user @ film") + "m.fit(ratings, epochs=1).sheet('m.xlsx')",
    ),
    Case(
        model("return user @ film")
        + "m.fit(ratings, epochs=1).sheet('m.xlsx', items=pl.DataFrame({'id': [1], 'name': ['Heat']}))",
        "the titles have the columns id, name",
        "rename two of them: the ids as the model's column, their names as title",
        model("return user @ film")
        + "m.fit(ratings, epochs=1).sheet('m.xlsx', items=pl.DataFrame({'id': [1], 'name': ['Heat']}).rename({'id': 'film', 'name': 'title'}))",
    ),
    Case(
        model("return user", 'user=rw.Row("user", 2)', "rw.multilabel_cross_entropy")
        + "m.fit(ratings.with_columns(stars=pl.lit([0, 1])), epochs=1).sheet('m.xlsx')",
        "m predicts 2 labels",
        "fitted.steps(example) shows every number",
        model("return user", 'user=rw.Row("user", 2)', "rw.multilabel_cross_entropy")
        + "fitted = m.fit(ratings.with_columns(stars=pl.lit([0, 1])), epochs=1)\nexample = {'user': 1, 'stars': [0, 1]}\nfitted.steps(example)",
    ),
    Case(
        model("return user * film", loss="rw.categorical_cross_entropy")
        + "m.fit(ratings.with_columns(stars=pl.col('user') % 4), epochs=1).recommend(1)",
        "m predicts (4,) numbers for each pair",
        "use predict",
        model("return user * film", loss="rw.categorical_cross_entropy")
        + "m.fit(ratings.with_columns(stars=pl.col('user') % 4), epochs=1).predict(ratings)",
    ),
    Case(
        "fitted.steps({'user': 1, 'film': 2, 'stars': [1.0, 2.0]})",
        "target was given numbers of shape (2,)",
        "give one example, without a batch axis",
        "fitted.steps({'user': 1, 'film': 2, 'stars': 1.0})",
    ),
    Case(
        model("return jnp.linalg.det(jnp.outer(user, film) + jnp.eye(4))") + SHEET,
        "'lu' has no sheet rule (at case.py:4:11 (m))",
        "fitted.steps(example) shows such a model line by line",
        model("return jnp.linalg.det(jnp.outer(user, film) + jnp.eye(4))")
        + "fitted = m.fit(ratings, epochs=1)\nexample = {'user': 1, 'film': 2}\nfitted.steps(example)",
    ),
)
