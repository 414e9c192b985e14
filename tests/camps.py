"""Ratings whose right answer anyone can see."""

import polars as pl


def two_camps(n: int = 20) -> pl.DataFrame:
    """Even users give even films 5 stars and odd films 1, odd users the reverse; two films of each are unseen.

    Of these two, the film `user` is of the user's own camp, and the film `user + 1` of the
    other. Nobody is generous and no film is good: biases know nothing here.
    """
    rows = [
        (user, film, 5.0 if (user + film) % 2 == 0 else 1.0)
        for user in range(n)
        for film in range(n)
        if (film - user) % n > 1
    ]
    return pl.DataFrame(rows, schema=["user", "film", "stars"], orient="row")
