"""X and y apart, as scikit-learn hands them over."""

from mends import Case

BEGIN = """
X, y = ratings.select("user", "film").to_numpy(), ratings["stars"].to_numpy()
def recommender(**settings): return rw.Recommender(epochs=1, factors=2, **settings)
"""


def case(wrong: str, given: str, mend: str, right: str, site: str = "") -> Case:
    """Of lines that have X and y to begin with."""
    return Case(BEGIN + wrong, given, mend, BEGIN + right, site)


CASES = (
    case(
        "recommender().fit(np.hstack([X, X]), y).predict(X)",
        "X has 2 features, but Recommender is expecting 4 features as input",
        "give 4 columns, in the order of those of fit",
        "recommender().fit(np.hstack([X, X]), y).predict(np.hstack([X, X]))",
    ),
    case(
        "recommender(user='who').fit(ratings.select('user', 'film'), y)",
        "X has no column 'who'",
        "give X a column for each, and name them as X does: Recommender(user='…', item='…')",
        "recommender(user='user', item='film').fit(ratings.select('user', 'film'), y)",
    ),
    case(
        "recommender().fit(X, ratings)",
        "y has the columns user, film, stars",
        "name one of them: frame['user']",
        "frame = ratings\nrecommender().fit(X, frame['user'])",
    ),
    case(
        "recommender().fit(X, pl.DataFrame())",
        "y has the columns none",
        "give a list of numbers",
        "recommender().fit(X, y.tolist())",
        site="y has the columns … | give a list of numbers",
    ),
    case(
        "recommender().fit(X, np.ones((48, 2)))",
        "y has the shape (48, 2)",
        "give a list of numbers",
        "recommender().fit(X, y.tolist())",
        site="y has the shape … | give a list of numbers",
    ),
    case(
        "recommender().fit(X, y[:5])",
        "X has 48 rows and y 5 cells: inconsistent numbers of samples",
        "take X and y from the same rows",
        "recommender().fit(X[:5], y[:5])",
    ),
    case(
        "from scipy.sparse import csr_matrix\nrecommender().fit(csr_matrix(X), y)",
        "X is sparse data",
        "X.toarray()",
        "from scipy.sparse import csr_matrix\nX = csr_matrix(X)\nrecommender().fit(X.toarray(), y)",
    ),
    case(
        "recommender().fit([(1, 2), (1, 2, 3)], [1.0, 2.0])",
        "row 1 of X is (1, 2, 3)",
        "give it 2 cells, None where one is missing",
        "recommender().fit([(1, 2), (1, 3)], [1.0, 2.0])",
    ),
    case(
        "recommender().fit(X * 1j, y)",
        "Complex data not supported: X is complex",
        "give whole numbers or text",
        "recommender().fit(X.astype(str), y), recommender().fit(X, y)",
    ),
    case(
        "recommender().fit(X[:, :1], y)",
        "X has 1 feature(s) (shape=(48, 1)) while a minimum of 2 is required.",
        "give pairs, such as [(15, 32), (15, 47)], or a frame",
        "recommender().fit([(15, 32), (15, 47)], [1.0, 2.0]), recommender().fit(ratings.select('user', 'film'), y)",
    ),
)
