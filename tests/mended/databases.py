"""Databases and queries."""

from mends import Case

CASES = (
    Case(
        "rowwise train ratings.csv --sql 'select 1' -o m",
        "--sql with ratings.csv",
        "sqlite:///shop.db, postgresql://user@host/name, or leave --sql out",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
    Case(
        "rowwise train sqlite:///shop.db -o m",
        "sqlite:///shop.db is a database",
        "--sql 'SELECT customer, product, stars FROM reviews'",
        """
shop(reviews=ratings.rename({"user": "customer", "film": "product"}))
rowwise train sqlite:///shop.db -o m --epochs 1 --sql 'SELECT customer, product, stars FROM reviews'
""",
        site="… is a database | rw.sql('SELECT customer, product, stars FROM reviews', url)",
    ),
    Case(
        """
shop(reviews=ratings)
rowwise train sqlite:///shop.db -o m --sql 'SELEC 1'
""",
        "the query 'SELEC 1' failed (near \"SELEC\": syntax error)",
        "try the query in the database's own shell",
        """
shop(reviews=ratings)
import sqlite3; assert sqlite3.connect("shop.db").execute("select * from reviews").fetchall()
rowwise train sqlite:///shop.db -o m --epochs 1 --sql 'select * from reviews'
""",
        site="faults | try the query in the database's own shell",
    ),
    Case(
        """
shop(reviews=ratings)
rowwise train sqlite:///shop.db -o m --sql 'UPDATE reviews SET stars = stars'
""",
        "the query 'UPDATE reviews SET stars = stars' failed (attempt to write a readonly database)",
        "try the query in the database's own shell",
        """
shop(reviews=ratings)
rowwise train sqlite:///shop.db -o m --epochs 1 --sql 'SELECT * FROM reviews'
""",
        site="faults | try the query in the database's own shell",
    ),
    Case(
        "rowwise train sqlite:///shop.db --sql 'select 1' --param since -o m",
        "--param since",
        "--param since=2024",
        """
shop(reviews=ratings)
rowwise train sqlite:///shop.db -o m --epochs 1 --sql 'SELECT * FROM reviews WHERE :since > 1' --param since=2024
""",
    ),
    Case(
        "rowwise predict model pairs.csv -o sqlite:///shop.db",
        "sqlite:///shop.db is a database",
        "--table predictions",
        "rowwise predict model pairs.csv -o sqlite:///shop.db --table predictions",
    ),
    Case(
        """
shop(reviews=ratings)
rowwise predict model pairs.csv -o sqlite:///shop.db --table reviews
""",
        "there is a table 'reviews' already",
        "--table reviews_2",
        """
shop(reviews=ratings)
rowwise predict model pairs.csv -o sqlite:///shop.db --table reviews_2
""",
    ),
    Case(
        "rowwise predict model pairs.csv -o sqlite:///no/such/shop.db --table predictions",
        "sqlite:///no/such/shop.db cannot be written (unable to open database file)",
        "check the URL, and that you may create tables",
        """
import os; os.makedirs("no/such")
rowwise predict model pairs.csv -o sqlite:///no/such/shop.db --table predictions
""",
        site="faults | check the URL, and that you may create tables",
    ),
    Case(
        "rowwise predict model pairs.csv -o out.csv --table t",
        "--table t with out.csv",
        "-o sqlite:///predictions.db",
        "rowwise predict model pairs.csv -o sqlite:///predictions.db --table t",
    ),
    Case(
        """
shop(reviews=gaps)
rowwise train sqlite:///shop.db -o m --sql 'SELECT * FROM reviews'
""",
        "the query, row 1: 'stars' is empty",
        "leave such rows out by a WHERE in the query, or correct them in the database",
        """
shop(reviews=gaps)
rowwise train sqlite:///shop.db -o m --epochs 1 --sql 'SELECT * FROM reviews WHERE stars IS NOT NULL'
""",
        site="refuse: …: … is … | …",
    ),
    Case(
        """
shop(reviews=ratings)
rowwise train sqlite:///shop.db -o m --sql '-- SELECT * FROM reviews'
""",
        "the query '-- SELECT * FROM reviews' selects nothing",
        "begin it with SELECT",
        """
shop(reviews=ratings)
rowwise train sqlite:///shop.db -o m --epochs 1 --sql 'SELECT * FROM reviews'
""",
    ),
)
