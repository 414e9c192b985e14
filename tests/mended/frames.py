"""Frames, lists and texts that cannot be learnt from."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

CASES = (
    Case(
        'rw.TextClassifier().fit("good film", labels)',
        "the texts are 'good film'",
        "give a list, also of a single text: ['…']",
        'rw.TextClassifier(epochs=1).fit(["good film"] * 8, labels)',
    ),
    Case(
        'rw.TextClassifier().fit(texts, ["yes"] * 8)',
        "all 8 labels are 'yes'",
        "give texts of the other class too",
        'rw.TextClassifier(epochs=1).fit(texts + ["awful"], ["yes"] * 8 + ["no"])',
    ),
    Case(
        'rw.TextClassifier().fit(texts, ["yes", None] * 4)',
        "the label of text 1 is missing",
        "leave it out",
        "rw.TextClassifier(epochs=1).fit(texts[:-1], labels[:-1])",
    ),
    Case(
        "rw.TextClassifier().fit(texts, np.full((8, 2), 3))",
        "the labels are a matrix, and not all of them 0 or 1",
        "of one label a text, give a list",
        "rw.TextClassifier(epochs=1).fit(texts, [3, 4] * 4)",
    ),
    Case(
        "rw.TextClassifier().fit(texts, np.zeros((3, 2)))",
        "8 texts and 3 lines of labels",
        "take the texts and the labels from the same rows",
        "rw.TextClassifier(epochs=1).fit(texts, np.eye(2)[[0, 1] * 4])",
    ),
    Case(
        'rw.TextClassifier().fit(pl.DataFrame({"a": texts, "b": texts}), labels)',
        "the texts are a frame of 2 columns",
        "give it alone: frame['a']",
        """
frame = pl.DataFrame({"a": texts, "b": texts})
rw.TextClassifier(epochs=1).fit(frame["a"], labels)
""",
    ),
    Case(
        "rw.Recommender().fit([])",
        "there are no rows",
        "check how they were made",
        "rw.Recommender(epochs=1).fit(ratings.rows())",
    ),
    Case(
        "rw.Recommender().fit([(1, 2, 3), (1, 2)])",
        "row 1 has 2 cells",
        "give each row all its cells, with None where one is missing",
        "rw.Recommender(epochs=1).fit([(1, 2, 3), (1, 4, 4)])",
    ),
    Case(
        'rw.Recommender().fit({"user": [1, 2], "film": [1], "stars": [1, 2]})',
        "the columns cannot be read: 'user' has 2, 'film' has 1, 'stars' has 2 cells",
        "give each row a cell in every column, None where it is missing",
        'rw.Recommender(epochs=1).fit({"user": [1, 2], "film": [1, 2], "stars": [1, 2]})',
    ),
    Case(
        "rw.Recommender().fit(42)",
        "a int cannot be read as rows and columns",
        "turn it into a Polars frame",
        "rw.Recommender(epochs=1).fit(pl.DataFrame(ratings))",
    ),
    Case(
        'rw.Recommender().fit({"user": [1, "a"], "film": [1, 2], "stars": [1, 2]})',
        "column 'user' mixes types: 1 is int, 'a' is str",
        "turn all of them into text: str(id)",
        'rw.Recommender(epochs=1).fit({"user": [str(id) for id in [1, "a"]], "film": [1, 2], "stars": [1, 2]})',
    ),
    Case(
        'rw.Recommender().fit({"user": [1.5, 2.0], "film": [1, 2], "stars": [1, 2]})',
        "the frame, row 0: 'user' is 1.5",
        "turn the column into text or integers where it is made",
        'rw.Recommender(epochs=1).fit({"user": ["1.5", "2"], "film": [1, 2], "stars": [1, 2]})',
    ),
    Case(
        'rw.Recommender().fit(ratings.with_columns(stars=pl.lit("many")))',
        "the frame, row 0: 'stars' is 'many'",
        "correct the row, or leave it out",
        "rw.Recommender(epochs=1).fit(ratings)",
        site="refuse: …: … is … | …",
    ),
    Case(
        "rw.Recommender().fit(gaps)",
        "the frame, row 1: 'stars' is empty",
        "correct the row, or leave it out",
        'rw.Recommender(epochs=1).fit(ratings.filter(pl.col("film") != 3))',
        site="refuse: …: … is … | …",
    ),
    Case(
        "rw.splits.random(ratings.head(1), fraction=0.1)",
        "1 examples are left to train on and 0 to test on",
        "hold back more or fewer, or give more examples",
        "rw.splits.random(ratings, fraction=0.1)",
    ),
    Case(
        "rw.zoo.matrix_factorization.fit(ratings)",
        "the frame has no column 'userId', which the model reads; it has user, film, stars",
        "rename 'user' to 'userId'",
        'rw.zoo.matrix_factorization.fit(ratings.rename({"user": "userId", "film": "itemId", "stars": "rating"}), epochs=1)',
    ),
    Case(
        "rw.splits.random(ratings, fraction=2.0)",
        "fraction=2.0",
        "fraction=0.1 holds back a tenth",
        "rw.splits.random(ratings, fraction=0.1)",
        site="number | fraction=0.1 holds back a tenth",
    ),
    Case(
        'rw.splits.last_out(ratings.with_columns(time=1), n=0, user="user", time="time")',
        "n=0",
        "leave n out to hold back one",
        'rw.splits.last_out(ratings.with_columns(time=pl.int_range(pl.len())), user="user", time="time")',
        site="whole | leave n out to hold back one",
    ),
)
