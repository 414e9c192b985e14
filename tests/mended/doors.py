"""What public callables are given by mistake: a text for a number, nothing for a path, one name for a list of them."""

from mends import Case

MODEL = """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 2), film=rw.Row("film", 2)): return user @ film
"""
RATED = MODEL.replace('"user"', '"userId"').replace('"film"', '"movieId"').replace("stars", "rating")
LAYERS = "rw.keras_style"

CASES = (
    Case(
        f"{LAYERS}.Dense(0)",
        "units=0",
        "units=1 gives one number",
        f"{LAYERS}.Dense(units=1)",
        site="Dense.__init__: whole | units=1 gives one number",
    ),
    Case(
        f"{LAYERS}.Dropout(2)",
        "rate=2",
        "rate=0.2 drops a fifth",
        f"{LAYERS}.Dropout(rate=0.2)",
        site="Dropout.__init__: number | rate=0.2 drops a fifth",
    ),
    Case(
        f"{LAYERS}.Embedding(5, 2, dropout=1)",
        "dropout=1",
        "dropout=0.2 drops a fifth of the rows",
        f"{LAYERS}.Embedding(5, 2, dropout=0.2)",
        site="number | dropout=0.2 drops a fifth of the rows",
    ),
    Case(
        f"{LAYERS}.Embedding(None, 2)",
        "input_dim=None",
        "as many as the largest id and one",
        f"{LAYERS}.Embedding(max([1, 4]) + 1, 2)",
        site="whole | as many as the largest id and one",
    ),
    Case(
        f"{LAYERS}.Embedding(5, 'x')",
        "output_dim='x'",
        "output_dim=50 is usual",
        f"{LAYERS}.Embedding(5, output_dim=50)",
        site="whole | output_dim=50 is usual",
    ),
    Case(
        f"{LAYERS}.Dense(1, name=7)",
        "name=7",
        "leave it out: layers are numbered",
        f"{LAYERS}.Dense(1)",
        site="text | leave it out: layers are numbered",
    ),
    Case(
        "rw.File('ratings.csv', encoding=7)",
        "encoding=7",
        "leave it out: it is then found out",
        "rw.read(rw.File('ratings.csv'))",
        site="text | leave it out: it is then found out",
    ),
    Case(
        "rw.log_count_ratio(scale='x')",
        "scale='x'",
        "scale=0.3 is the default",
        "rw.log_count_ratio(scale=0.3)",
        site="number | scale=0.3 is the default",
    ),
    Case(
        "rw.log_count_ratio(smoothing=0)",
        "smoothing=0",
        "smoothing=1.0 is the default",
        "rw.log_count_ratio(smoothing=1.0)",
        site="number | smoothing=1.0 is the default",
    ),
    Case(
        f"{MODEL}m.kernel(batch_size=0)",
        "batch_size=0",
        "batch_size=1 is the default",
        f"{MODEL}m.kernel(batch_size=1)",
        site="whole | batch_size=1 is the default",
    ),
    Case(
        f"{MODEL}m.replace(user=7)",
        "user=7",
        "replace(user=rw.Row('userId', 8))",
        f"{MODEL}m.replace(user=rw.Row('userId', 8), film=rw.Row('film', 8))",
    ),
    Case(
        "rw.sql('select :year', 'sqlite:///x.db', 7)",
        "params=7",
        "params={'year': 2020}",
        "rw.sql('select :year', 'sqlite:///x.db', params={'year': 2020})",
        site="mapping | params={'year': 2020}",
    ),
    Case(
        "rw.sql(None, 'sqlite:///x.db')",
        "query=None",
        "rw.sql('SELECT customer, product, stars FROM reviews', url)",
        "url = 'sqlite:///x.db'\nrw.sql('SELECT customer, product, stars FROM reviews', url)",
        site="Sql.__post_init__: text | rw.sql('SELECT customer, product, stars FROM reviews', url)",
    ),
    Case(
        "rw.sql('select 1', None)",
        "url=None",
        "url='sqlite:///ratings.db'",
        "rw.sql('select 1', url='sqlite:///ratings.db')",
        site="text | url='sqlite:///ratings.db'",
    ),
    Case(
        "rw.vectors('glove.txt', scale='x')",
        "scale='x'",
        "scale=1.0 is the default",
        "rw.vectors('glove.txt', scale=1.0)",
        site="number | scale=1.0 is the default",
    ),
    Case(
        "rw.Vocabulary(7, [1, 2])",
        "name=7",
        "Vocabulary('userId', ids)",
        "ids = [1, 2]\nrw.Vocabulary('userId', ids)",
        site="text | Vocabulary('userId', ids)",
    ),
    Case(
        "rw.Vocabulary.of('u', [1, 2], min_count='x')",
        "min_count='x'",
        "min_count=1 keeps every id",
        "rw.Vocabulary.of('u', [1, 2], min_count=1)",
        site="whole | min_count=1 keeps every id",
    ),
    Case(
        f"{MODEL}m.steps(None)",
        "example=None",
        "steps({'userId': 15, 'movieId': 32, 'rating': 4.5})",
        f"{RATED}m.steps({{'userId': 15, 'movieId': 32, 'rating': 4.5}})",
        site="mapping | steps({'userId': 15, 'movieId': 32, 'rating': 4.5})",
    ),
    Case(
        f"{MODEL}m.steps({{'user': 1, 'film': 2}}, seed='x')",
        "seed='x'",
        "seed=0 is the default",
        f"{MODEL}m.steps({{'user': 1, 'film': 2}}, seed=0)",
        site="_asked: whole | seed=0 is the default",
    ),
    Case(
        MODEL.replace('"stars"', "7"),
        "target=7",
        "target='rating'",
        MODEL.replace('"stars"', "'rating'"),
        site="check: text | target='rating'",
    ),
    Case(
        "rw.Vocabulary('u', 'abc')",
        "the 'u' vocabulary is str",
        "give a list, also of one id: [15]",
        "rw.Vocabulary('u', [15])",
        site="_of_python: … is … | give a list, also of one id: [15]",
    ),
    Case(
        "rw.Row('user', init=[1])",
        "init=[1]",
        "init='normal' is the usual start of a row",
        "rw.Row('user', init='normal')",
        site="initializer: number | init='normal' is the usual start of a row",
    ),
    Case(
        "rw.linear_decay('x', 20)",
        "start='x'",
        "rw.linear_decay(0.05, 20)",
        "rw.linear_decay(0.05, 20)",
        site="number | rw.linear_decay(0.05, 20)",
    ),
    Case(
        "rw.linear_decay(0.05, 0)",
        "epochs=0",
        "as many epochs as fit is given",
        "rw.linear_decay(0.05, 20)",
        site="whole | as many epochs as fit is given",
    ),
    Case(
        "rw.read('ratings.csv', columns=7)",
        "columns=7",
        "columns=['userId', 'movieId']",
        "rw.read({'userId': [1], 'movieId': [2]}, columns=['userId', 'movieId'])",
        site="names_of_columns: …=… | …=['userId', 'movieId']",
    ),
    Case(
        "rw.read('ratings.csv', columns='user')",
        "columns='user'",
        "columns=['user']",
        "rw.read('ratings.csv', columns=['user'])",
        site="names_of_columns: …=… | …=[…]",
    ),
    Case(
        "rw.load(None)", "folder=None", "write folder='…'", "rw.load(folder='model')", site="place: …=… | write …='…'"
    ),
    Case(
        "rw.load('model').similar(1, column=7)",
        "column=7",
        "leave it out for the default",
        "fitted = rw.load('model')\nfitted.similar(fitted.table('item')['film'][1])",
        site="similar: text | leave it out for the default",
    ),
)
