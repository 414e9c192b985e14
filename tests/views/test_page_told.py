"""What the page tells: a tour, why a prediction is what it is, what two people share, where the model is wrong."""

import numpy as np
import polars as pl

import rowwise as rw
from untrained import fitted_of, two_keys


def test_each_of_ten_stops_of_the_tour_is_a_link_that_shows_its_sentence(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    links = shown.ask("[...document.querySelectorAll('#tour a')].map((a) => [a.innerText || a.textContent, a.hash])")
    assert len(links) == 10
    said = []
    for k, (question, address) in enumerate(links):
        shown.ask(f"(location.hash = {address!r})")
        shown.wait(f"rowwise.state.tour === {k + 1}")
        shown.wait("!document.getElementById('stop').hidden")
        assert question in shown.text("stop")
        said.append(shown.text("stop-says"))
        assert said[-1].count(". ") >= 1  # two sentences
        assert shown.ask("document.querySelectorAll('section.toured').length") == 1
    assert len(set(said)) == 10
    assert shown.faults == []


def test_a_stop_sets_the_line_and_the_colour_that_it_speaks_of(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2", data=ratings)
    addresses = shown.ask("[...document.querySelectorAll('#tour a')].map((a) => a.hash)")
    assert any("colour=bias" in address for address in addresses)
    assert any("line=1" in address for address in addresses)


def without(ratings, film):
    return ratings.filter(~((pl.col("userId") == 4) & (pl.col("filmId") == film)))


def folded(fitted, ratings, film):
    """What user 4's own rows, solved for from these ratings, predict for a film."""
    theirs = ratings.filter(pl.col("userId") == 4)
    rows = fitted.vocabularies["filmId"].rows(theirs["filmId"])
    tables = {name: np.asarray(table, float) for name, table in fitted.parameters.tables.items()}
    features = np.column_stack([tables["film"][rows], np.ones(len(rows))])
    pays = np.sqrt(len(rows) * np.diag([0.01, 0.01, 0.01, 0.0]))
    wanted = np.append(theirs["rating"].to_numpy() - tables["film_bias"][rows] - 3.25, np.zeros(4))
    best = np.linalg.lstsq(np.vstack([features, pays]), wanted, rcond=None)[0]
    row = fitted.vocabularies["filmId"].row(film)
    return best @ [*tables["film"][row], 1.0] + tables["film_bias"][row] + 3.25


@rw.model(target="rating", loss=rw.squared_error)
def rated(
    user=rw.Row("userId", 3, l2=0.01), film=rw.Row("filmId", 3, l2=0.01), user_bias=rw.Row("userId"),
    film_bias=rw.Row("filmId"), mean=rw.Mean("rating"),
):  # fmt: skip
    return user @ film + user_bias + film_bias + mean


def test_a_rating_pushes_a_prediction_as_much_as_the_prediction_changes_without_it(open_page):
    films = [f"film {k}" for k in range(60)]
    fitted = fitted_of(rated, {"userId": list(range(1, 10)), "filmId": films})
    stars = np.random.default_rng(0).uniform(1, 5, 60).round(1)
    mine = pl.DataFrame({"userId": [4] * 60, "filmId": films, "rating": stars}).filter(pl.col("filmId") != "film 7")
    shown = open_page(fitted, "#user=4&item=film+7", data=mine)
    shown.ask("rowwise.fold(4)")
    found = shown.ask("rowwise.pushes(4, 8)")
    whole = folded(fitted, mine, "film 7")
    exact = {film: whole - folded(fitted, without(mine, film), "film 7") for film in mine["filmId"].unique()}
    told = {fitted.vocabularies["filmId"].ids[row]: by for row, _, by in found}
    assert told.keys() == exact.keys()
    strong = sorted(exact, key=lambda film: -abs(exact[film]))[:3]
    assert all(np.sign(told[film]) == np.sign(exact[film]) for film in strong)
    assert np.corrcoef([told[film] for film in exact], list(exact.values()))[0, 1] > 0.9


def test_two_people_are_told_what_both_rated(open_page, ratings):
    shown = open_page(two_keys(), "#user=4&item=film+2&other=5", data=ratings)
    shown.wait("document.getElementById('people').innerText.includes('rated')")
    mine, theirs = (set(ratings.filter(pl.col("userId") == user)["filmId"]) for user in (4, 5))
    assert f"rated {len(mine & theirs)} of the same" in shown.text("people")


def test_where_it_is_wrong_is_told_by_what_was_given_and_names_the_worst(open_page, ratings):
    fitted = two_keys()
    shown = open_page(fitted, "#user=4&item=film+2", data=ratings)
    shown.wait("document.querySelector('#errors button')")
    shown.ask("document.querySelector('#errors button').click()")
    shown.wait("document.getElementById('errors').innerText.includes('the worst')")
    errors = np.abs(fitted.predict(ratings) - ratings["rating"].to_numpy())
    assert f"Off by {float(f'{errors.mean():.4g}')}" in shown.text("errors")
    worst = ratings[int(errors.argmax())]
    assert f"{worst['userId'][0]}, {worst['filmId'][0]}" in shown.text("errors")
