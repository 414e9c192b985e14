"""Questions that a model has no answer to: an id it never saw, a table it has not, a value it needs."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

CASES = (
    Case(
        "fitted.evaluate(ratings, metrics='mae')",
        "metrics='mae'",
        "metrics=['mse']",
        "fitted.evaluate(ratings, metrics=['mse'])",
    ),
    Case(
        "fitted.evaluate(ratings, metrics=['loss'])",
        "metrics='loss'",
        "'mse' is one",
        "fitted.evaluate(ratings, metrics=['mse'])",
        site="measure_by: one_of",
    ),
    Case(
        "fitted.evaluate(ratings, metrics=[lambda only: 1.0])",
        "the metric <lambda> gives no number …",
        "write it as lambda target, predictions: …, or take one of scikit-learn's",
        "fitted.evaluate(ratings, metrics=[lambda target, predictions: 1.0])",
    ),
    Case(
        "timed.recommend(1)",
        "timed also reads hour",
        "recommend(users, values={'hour': 1.0}) with values of yours",
        'timed.recommend(1, values={"hour": 1.0})',
    ),
    Case(
        "timed.recommend(1, values=12)",
        "values=12",
        "values={'hour': 12}",
        'timed.recommend(1, values={"hour": 12})',
        site="mapping | values={'hour': 12}",
    ),
    Case(
        "fitted.recommend(1, n=2.0)",
        "n=2.0",
        "n=10 is usual",
        "fitted.recommend(1, n=10)",
        site="recommended: whole | n=10 is usual",
    ),
    Case(
        'fitted.recommend(1, seen="kep")',
        "seen='kep'",
        "did you mean 'keep'?",
        'fitted.recommend(1, seen="keep")',
    ),
    Case(
        "fitted.recommend(None)",
        "None is no user",
        "give ids as the training data have them, such as 0",
        "fitted.recommend(0)",
    ),
    Case(
        'fitted.recommend(ratings.rename({"user": "who"}))',
        "the frame has no column 'user'",
        "rename the column, or give the column itself",
        'fitted.recommend(ratings.rename({"user": "who"})["who"])',
    ),
    Case(
        'fitted.recommend("bob")',
        "'bob' can be no user",
        "check the id",
        'fitted.recommend("3")',
    ),
    Case(
        "fitted.similar([1, 2])",
        "[1, 2] is no single film",
        "ask for one after the other",
        "[fitted.similar(id) for id in (1, 2)]",
    ),
    Case(
        "fitted.similar(1, n=0)",
        "n=0",
        "n=10 is usual",
        "fitted.similar(1, n=10)",
        site="similar: whole | n=10 is usual",
    ),
    Case(
        'fitted.similar(1, column="stars")',
        "matrix_factorization has no table of several numbers a row for column 'stars'",
        "column='film', table='item'",
        'fitted.similar(1, column="film", table="item")',
    ),
    Case(
        'fitted.table("xyzzy")',
        "matrix_factorization has no table 'xyzzy'",
        "table('user')",
        'fitted.table("user")',
    ),
    Case(
        'fitted.play("p.html")',
        "matrix_factorization kept no example while it was trained",
        "fit(data, watch={'userId': 15, 'movieId': 32, 'rating': 4.5}) with columns of yours",
        'rw.Recommender(epochs=1, factors=2).fit(ratings, watch={"user": 1, "film": 2, "stars": 4.5}).fitted_.play("p.html")',
    ),
    Case(
        'fitted.encode("good film")',
        "matrix_factorization reads no texts from column=None",
        "steps takes an example of any model",
        'fitted.steps({"user": 1, "film": 2})',
    ),
    Case(
        'fitted.steps({"user": 1})',
        "the example has no 'film', only 'user'",
        "add 'film' to the example",
        'fitted.steps({"user": 1, "film": 2})',
    ),
    Case(
        'timed.steps({"user": 1, "film": 2, "hour": float("nan")})',
        "'hour' of the example is nan",
        "give 1.0 or other finite numbers",
        'timed.steps({"user": 1, "film": 2, "hour": 1.0})',
    ),
    Case(
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1).evaluate(ratings)
""",
        "own returns its own loss, and has no target to compare predictions with",
        "predict gives the predictions, where the function returns (prediction, loss)",
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1).predict(ratings)
""",
    ),
    Case(
        """
@rw.model()
def own(user=rw.Row("user")): return (user - 1) ** 2
own.fit(ratings, epochs=1).predict(ratings)
""",
        "own returns its own loss and no prediction",
        "return the score beside the loss",
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1).predict(ratings)
""",
    ),
    Case(
        """
@rw.model()
def own(user=rw.Row("user")): return user, (user - 1) ** 2
own.fit(ratings, epochs=1).recommend(1)
""",
        "own reads the ids of user",
        "recommend needs a Row for the user and a Row for the item",
        """
@rw.model()
def own(user=rw.Row("user"), film=rw.Row("film")): return user + film, (user + film - 1) ** 2
own.fit(ratings, epochs=1).recommend(1)
""",
    ),
    Case(
        "rowwise recommend model --user bob",
        "'bob' is no user",
        "check the id",
        "rowwise recommend model --user 1",
    ),
    Case(
        "rowwise recommend model --user 007",
        "'007' is no user",
        "did you mean 7?",
        "rowwise recommend model --user 7",
    ),
    Case(
        "rowwise recommend model --user 1 -n 0",
        "-n 0",
        "-n 10 is usual",
        "rowwise recommend model --user 1 -n 10",
    ),
    Case(
        "rowwise recommend model --user 1 --value hour",
        "--value hour",
        "--value hour=12 is usual",
        "rowwise recommend timed --user 1 --value hour=12",
    ),
    Case(
        "rowwise recommend model --user 1 --value hour=12",
        "matrix_factorization does not read 'hour'",
        "leave it out",
        "rowwise recommend model --user 1",
    ),
    Case(
        "rowwise recommend timed --user 1",
        "timed also reads hour",
        "--value hour=1.0 with values of yours",
        "rowwise recommend timed --user 1 --value hour=1.0",
        site="… also reads … | recommend(users, values={…}) with values of yours",
    ),
    Case(
        "rowwise recommend timed --user 1 --value hour=noon",
        "--value hour=noon",
        "--value hour=12",
        "rowwise recommend timed --user 1 --value hour=12",
    ),
    Case(
        "rowwise recommend model --user 1 --items-sql 'select * from films'",
        "--items-sql without --items",
        "--items URL",
        """
shop(films=pl.read_csv("films.csv"))
rowwise recommend model --user 1 --items sqlite:///shop.db --items-sql 'select * from films'
""",
    ),
    Case(
        r"""
put("one.csv", "film\n1\n")
rowwise recommend model --user 1 --items one.csv
""",
        "one.csv has only the column 'film'",
        "add a column called title",
        r"""
put("one.csv", "film,title\n1,Heat\n")
rowwise recommend model --user 1 --items one.csv
""",
    ),
    Case(
        "rowwise similar model --item 77",
        "77 is not in the 'film' vocabulary",
        "add the id to the training data and fit again",
        """
pl.concat([ratings, ratings.head(1).with_columns(film=pl.lit(77, pl.Int64))]).write_csv("more.csv")
rw.Recommender(factors=2, epochs=1).fit("more.csv").fitted_.save("m")
rowwise similar m --item 77
""",
    ),
    Case(
        """
rw.TextClassifier(epochs=1, dim=4, model="ngram_bag").fit(texts, labels).fitted_.save("t")
rowwise similar t --word goood
""",
        "'goood' is not in the 'text' vocabulary",
        "did you mean 'good'?",
        """
rw.TextClassifier(epochs=1, dim=4, model="ngram_bag").fit(texts, labels).fitted_.save("t")
rowwise similar t --word good
""",
    ),
    Case(
        "rowwise similar model --word good",
        "matrix_factorization reads no text",
        "name --user and --item instead",
        "rowwise similar model --item 1",
    ),
    Case(
        "rowwise similar model --item 1 --table xyzzy",
        "matrix_factorization has no table of several numbers a row for column 'film' and table 'xyzzy'",
        "--table 'item'",
        "rowwise similar model --item 1 --table item",
        site="… has no table of several numbers a row for … | table=…",
    ),
    Case(
        """
rw.Recommender(model="biases_only", epochs=1).fit("ratings.csv").fitted_.save("b")
rowwise similar b --item 1
""",
        "biases_only has no table of several numbers a row",
        "fit a model that has one, such as matrix_factorization",
        """
rw.Recommender(model="matrix_factorization", factors=2, epochs=1).fit("ratings.csv").fitted_.save("b")
rowwise similar b --item 1
""",
    ),
    Case(
        "rowwise recommend text_model --user 1",
        "naive_bayes_bag reads the ids of no column",
        "recommend needs a Row for the user and a Row for the item",
        "rowwise recommend model --user 1",
    ),
    Case(
        """
rw.Recommender(factors=2, epochs=1).fit("ratings.csv", remember_seen=False).fitted_.save("unseen")
rowwise recommend unseen --user 1
""",
        "matrix_factorization does not remember who has seen what",
        "--seen 'keep' leaves nothing out",
        """
rw.Recommender(factors=2, epochs=1).fit("ratings.csv", remember_seen=False).fitted_.save("unseen")
rowwise recommend unseen --user 1 --seen keep
""",
        site="… does not remember who has seen what | seen='keep' leaves nothing out",
    ),
    Case(
        "rowwise steps model ratings.csv --row 99",
        "--row 99",
        "--row 47 is the last",
        "rowwise steps model ratings.csv --row 47",
    ),
    Case(
        "rowwise recommend model --user 1 --seen xyzzy",
        "invalid value for '--seen': 'xyzzy' is not one of 'drop', 'keep'",
        "rowwise recommend --help shows an example",
        "rowwise recommend --help",
    ),
    Case(
        "rowwise recommend timed --user 1 --value hours=12",
        "timed does not read 'hours'",
        "did you mean 'hour'?",
        "rowwise recommend timed --user 1 --value hour=12",
    ),
)
