"""Sources in memory and on disk: frames that are computed late, files read in parts, splits, vocabularies."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

MODEL = """
@rw.model(target="stars", loss=rw.squared_error)
def m(user=rw.Row("user", 2), film=rw.Row("film", 2)): return user @ film
"""
LATE = "late = ratings.lazy().with_columns(pl.col('stars').cast(pl.String).str.to_date())\n"

CASES = (
    Case(
        "rw.Recommender(epochs=1).fit([(1, 2, 3.0), (1, 2.5, 4.0)])",
        "the rows, row 1: 'item' is 2.5",
        "turn the column into text or integers where it is made",
        "rw.Recommender(epochs=1).fit([(1, 2, 3.0), (1, 3, 4.0)])",
        site="_ids: …: … is … | …",
    ),
    Case(
        "rw.Recommender(epochs=1).fit({'user': [True, False], 'film': [1, 2], 'stars': [1, 2]})",
        "column 'user' holds Boolean",
        "turn them into text, or into integers",
        "rw.Recommender(epochs=1).fit({'user': ['True', 'False'], 'film': [1, 2], 'stars': [1, 2]})",
        site="as_ids: … holds … | turn them into text, or into integers",
    ),
    Case(
        "rw.Vocabulary('u', [[1], ['a']])",
        "the 'u' vocabulary cannot be read (…)",
        "turn them into text, or into integers",
        "rw.Vocabulary('u', ['1', 'a'])",
        site="_series: … | turn them into text, or into integers",
    ),
    Case(
        "rw.Vocabulary('u', [1, 2.5])",
        "the 'u' vocabulary holds 2.5",
        "correct it, or turn all ids into text",
        "rw.Vocabulary('u', ['1', '2.5']), rw.Vocabulary('u', [1, 2])",
        site="_whole: … holds … | correct it, or turn all ids into text",
    ),
    Case(
        "rw.Vocabulary('u', [1, None])",
        "an id of the 'u' vocabulary is missing, or a number that is not whole",
        "leave it out (row 0 is there for it), or turn all ids into text",
        "rw.Vocabulary('u', [1])\nrw.Vocabulary('u', ['1', 'None'])",
    ),
    Case(
        "rw.Vocabulary('u', [1, 1])",
        "1 is twice in the 'u' vocabulary",
        "Vocabulary.of('u', ids) takes a column as it is",
        "ids = [1, 1]\nlen(rw.Vocabulary.of('u', ids)) == 2",
    ),
    Case(
        "rw.Vocabulary('u', [1]).grown(['a'])",
        "the 'u' vocabulary holds integers and cannot grow by text",
        "give the ids as integers, or fit anew with text ids",
        "rw.Vocabulary('u', [1]).grown([2]), rw.Vocabulary('u', ['1', 'a'])",
    ),
    Case(
        "put('u.parquet', 'x')\nrw.Vocabulary.load('u.parquet')",
        "u.parquet is not a saved vocabulary (…)",
        "save the model again, or copy the whole folder again",
        "rw.Vocabulary('u', [1]).save('u.parquet')\nrw.Vocabulary.load('u.parquet') == rw.Vocabulary('u', [1])",
    ),
    Case(
        MODEL.replace('"film", 2', '"film", 2, table="user"')
        + "m.fit(ratings.with_columns(film=pl.format('f{}', 'film')))",
        "columns that share a table hold Int64 (user), String (film)",
        "turn all of them into text",
        MODEL.replace('"film", 2', '"film", 2, table="user"')
        + "m.fit(ratings.with_columns(pl.col('user').cast(pl.String), film=pl.format('f{}', 'film')), epochs=1)",
    ),
    Case(
        "rw.read({'user': object()})",
        "column 'user' cannot be read (…)",
        "write it as a list: [15, 47]",
        "rw.read({'user': [15, 47]})",
    ),
    Case(
        "rw.read({'user': [[1, 2], [3, 'a']]})",
        "column 'user' cannot be read (…)",
        "turn all of them into text, or into numbers",
        "rw.read({'user': [['1', '2'], ['3', 'a']]})",
    ),
    Case(
        "rw.Recommender(epochs=1).fit(ratings.with_columns(stars=pl.date(2024, 1, 'user') if False else pl.lit(['a'])))",
        "column 'stars' holds List(String)",
        "name another column, or write numbers in this one",
        "rw.Recommender(epochs=1, target='stars').fit(ratings)",
    ),
    Case(
        LATE + "rw.Recommender(epochs=1).fit(late)",
        "the lazy frame cannot be read (…)",
        "frame.collect() says in full which expression fails: correct that one",
        """
late = ratings.lazy().with_columns(pl.col('stars').cast(pl.String).str.to_decimal(scale=1))
late.collect()
rw.Recommender(epochs=1).fit(late)
""",
    ),
    Case(
        MODEL + LATE + "m.fit(late, chunk_rows=20)",
        "the lazy frame cannot be read (…)",
        "frame.collect() says in full which expression fails: correct that one",
        MODEL + "m.fit(ratings.lazy(), chunk_rows=20, epochs=1)",
    ),
    Case(
        MODEL + "m.fit(ratings, chunk_rows=20)",
        "chunk_rows=20 with a frame",
        "write the data as Parquet, or leave chunk_rows out",
        MODEL + "ratings.write_parquet('r.parquet')\nm.fit('r.parquet', chunk_rows=20, epochs=1)",
    ),
    Case(
        MODEL + "put('r.parquet', 'x' * 99)\nm.fit('r.parquet', chunk_rows=20)",
        "r.parquet cannot be read (…)",
        "write the file anew",
        MODEL + "ratings.write_parquet('r.parquet')\nm.fit('r.parquet', chunk_rows=20, epochs=1)",
        site="_schema: … | write the file anew",
    ),
    Case(
        MODEL + "ratings.head(0).write_parquet('r.parquet')\nm.fit('r.parquet', chunk_rows=20)",
        "r.parquet has no rows",
        "check how it was made",
        MODEL + "ratings.write_parquet('r.parquet')\nm.fit('r.parquet', chunk_rows=20, epochs=1)",
        site="on_disk: … has no rows | check how it was made",
    ),
    Case(
        MODEL + "ratings.write_parquet('r.parquet')\nm.fit('r.parquet', chunk_rows=20, validation=0.1)",
        "validation=0.1 with chunk_rows=20",
        "write the validation part to another file, and give its path",
        MODEL
        + """
train, test = rw.splits.random(ratings, fraction=0.1)
train.write_parquet('r.parquet'), test.write_parquet('v.parquet')
m.fit('r.parquet', chunk_rows=20, validation='v.parquet', epochs=1)
""",
    ),
    Case(
        MODEL + "ratings.write_parquet('r.parquet')\nm.fit('r.parquet', chunk_rows=20, sample_weight=np.ones(48))",
        "weights of classes, or in an array, with chunk_rows=20",
        "write them to the file, and give sample_weight= the column's name",
        MODEL
        + """
ratings.with_columns(w=1.0).write_parquet('r.parquet')
m.fit('r.parquet', chunk_rows=20, sample_weight='w', epochs=1)
""",
    ),
    Case(
        "put('r.parquet', 'PAR1' + 'x' * 99)\nrw.read('r.parquet')",
        "r.parquet cannot be read (…)",
        "write the file anew, or in another format: .csv, .parquet",
        "ratings.write_parquet('r.parquet'), ratings.write_csv('r.csv')\nrw.read('r.parquet'), rw.read('r.csv')",
        site="_open_file: … | write the file anew, or in another format: .csv, .parquet",
    ),
    Case(
        """
pl.DataFrame({'user': [1], 'film': [[1]]}).write_parquet('a.parquet'), pl.DataFrame({'user': [1], 'film': [1]}).write_parquet('b.parquet')
rw.read(['a.parquet', 'b.parquet'])
""",
        "the files of … do not fit together (…)",
        "write each column with one type in all of the files",
        """
pl.DataFrame({'user': [1], 'film': [2]}).write_parquet('a.parquet'), pl.DataFrame({'user': [1], 'film': [1]}).write_parquet('b.parquet')
rw.read(['a.parquet', 'b.parquet'])
""",
    ),
    Case(
        "rw.read(rw.sql('select 1', 'no such url'))",
        "'no such url' is the URL of no database",
        "begin it with sqlite:/// for a file, with postgresql:// for a server",
        "shop(reviews=ratings)\nrw.read(rw.sql('select * from reviews', 'sqlite:///shop.db'))",
    ),
    Case(
        "rw.splits.random(ratings, seed=-1)",
        "seed=-1",
        "seed=0 is the default",
        "rw.splits.random(ratings, seed=0)",
        site="random: whole | seed=0 is the default",
    ),
    Case(
        "rw.splits.by_value(ratings, 'user', 'a')",
        "value='a' (…)",
        "value=0 is one",
        "rw.splits.by_value(ratings, 'user', value=0)",
    ),
    Case(
        "rw.splits.by_time(ratings.with_columns(time=None), 'time')",
        "row 0 has no 'time'",
        "frame.drop_nulls('time') leaves such rows out",
        """
frame = ratings.with_row_index('time').with_columns(time=pl.when(pl.col('time') > 3).then('time'))
rw.splits.by_time(frame.drop_nulls('time'), 'time')
""",
    ),
)
