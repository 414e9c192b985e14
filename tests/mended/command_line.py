"""Errors that a person meets who types commands."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

CASES = (
    Case(
        "rowwise trian ratings.csv",
        "there is no command 'trian'",
        "did you mean 'train'?",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
    Case(
        "rowwise xyzzy",
        "there is no command 'xyzzy'",
        "rowwise --help lists them",
        "rowwise --help",
    ),
    Case(
        "rowwise train ratings.csv --epoch 3",
        "no such option: --epoch",
        "did you mean '--epochs'?",
        "rowwise train ratings.csv -o m --epochs 3",
    ),
    Case(
        "rowwise train",
        "missing argument 'RATINGS'",
        "rowwise train --help shows an example",
        "rowwise train --help",
    ),
    Case(
        "rowwise train ratings.csv -o m --epochs 0",
        "--epochs 0",
        "--epochs 20 is usual",
        "rowwise train ratings.csv -o m --epochs 20",
    ),
    Case(
        "rowwise train ratings.csv -o m --learning-rate 1e39",
        "--learning-rate 1e39",
        "--learning-rate 0.022 is usual",
        "rowwise train ratings.csv -o m --epochs 1 --learning-rate 0.022",
    ),
    Case(
        "rowwise train ratings.csv -o m --validation 2",
        "--validation 2",
        "--validation 0.1 holds back a tenth, 0 nothing",
        "rowwise train ratings.csv -o m --epochs 1 --validation 0.1",
    ),
    Case(
        "rowwise train ratings.csv -o m --text text --user user",
        "--user with --text",
        "leave --user out",
        "rowwise train texts.csv -o m --text text",
    ),
    Case(
        "rowwise train ratings.csv -o m --user usr",
        "ratings.csv has no column 'usr'",
        "did you mean 'user'?",
        "rowwise train ratings.csv -o m --epochs 1 --user user",
    ),
    Case(
        "rowwise train ratings.csv -o m --user xyzzy",
        "ratings.csv has no column 'xyzzy'",
        "name one of its columns",
        "rowwise train ratings.csv -o m --epochs 1 --user user",
    ),
    Case(
        "rowwise train rating.csv -o m",
        "there is no file 'rating.csv'",
        "did you mean 'ratings.csv'?",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
    Case(
        "rowwise train xyzzy.csv -o m",
        "there is no file 'xyzzy.csv'",
        "check the path, and the folder it starts from",
        "rowwise train ./ratings.csv -o m --epochs 1",
    ),
    Case(
        "rowwise train ratings.csv -o m --user user --item user",
        "column 'user' is named as the user and as the item",
        "name another: --item 'film'",
        "rowwise train ratings.csv -o m --epochs 1 --user user --item film",
        site="column … is named as the … | name another: Recommender(…=…)",
    ),
    Case(
        r"""
put("two.csv", "user\n1\n2\n")
rowwise train two.csv -o m
""",
        "the ratings have the columns user",
        "give data with a column for each of them",
        r"""
put("two.csv", "user,film,stars\n1,2,3\n2,3,4\n")
rowwise train two.csv -o m --epochs 1 --validation 0
""",
    ),
    Case(
        r"""
put("line.csv", "line,user,film,stars\n" + "".join(f"{k},{k % 3},{k % 4},{k % 5}\n" for k in range(20)))
rowwise train line.csv -o m
""",
        "the first column that could be the user is 'line', which is different in every row",
        "name them: --user '…' --item '…' --target '…'",
        r"""
put("line.csv", "line,user,film,stars\n" + "".join(f"{k},{k % 3},{k % 4},{k % 5}\n" for k in range(20)))
rowwise train line.csv -o m --epochs 1 --user user --item film --target stars
""",
    ),
    Case(
        r"""
put("bad.csv", "user,film,stars\n1,2,3\n1,3,many\n")
rowwise train bad.csv -o m
""",
        "bad.csv, line 3: 'stars' is 'many'",
        "correct the cell, or leave out the row",
        r"""
put("bad.csv", "user,film,stars\n1,2,3\n1,3,4\n2,3,4\n")
rowwise train bad.csv -o m --epochs 1 --validation 0
""",
        site="refuse: …: … is … | …",
    ),
    Case(
        r"""
put("same.csv", "user,film,stars\n1,2,3\n1,3,3\n2,3,3\n")
rowwise train same.csv -o m
""",
        "same.csv: 'stars' is 3 in every row",
        "name the column that holds what is to be predicted",
        r"""
put("same.csv", "user,film,n,stars\n1,2,3,1\n1,3,3,2\n2,3,3,3\n")
rowwise train same.csv -o m --epochs 1 --validation 0 --target stars
""",
    ),
    Case(
        r"""
put("none.csv", "user,film,stars\n")
rowwise train none.csv -o m
""",
        "none.csv has no rows",
        "check how it was made",
        r"""
put("none.csv", "user,film,stars\n1,2,3\n1,3,4\n2,3,4\n")
rowwise train none.csv -o m --epochs 1 --validation 0
""",
        site="check: … has no rows | check how it was made",
    ),
    Case(
        """
put("empty.csv", "")
rowwise train empty.csv -o m
""",
        "empty.csv is empty",
        "check how the file was made",
        r"""
put("empty.csv", "user,film,stars\n1,2,3\n1,3,4\n2,3,4\n")
rowwise train empty.csv -o m --epochs 1 --validation 0
""",
    ),
    Case(
        r"""
put("no.csv", "".join(f"{u},{f},{(u + f) % 5}\n" for u in range(6) for f in range(6)))
rowwise train no.csv -o m
""",
        "no.csv has no header: its first line is '0', '0', '0' (UTF-8, separator ',')",
        "name them: --columns 'user,item,rating'",
        r"""
put("no.csv", "".join(f"{u},{f},{(u + f) % 5}\n" for u in range(6) for f in range(6)))
rowwise train no.csv -o m --epochs 1 --columns user,item,rating
""",
        site="… has no header: its first line is … (…) | name them: rw.File(…, columns='…')",
    ),
    Case(
        "rowwise train ratings.csv -o m --columns user,item",
        "ratings.csv has 3 columns (UTF-8, separator ','): 'user', 'film', 'stars'",
        "--columns 'user,item,rating'",
        "rowwise train ratings.csv -o m --epochs 1 --columns user,item,rating",
        site="… has … columns (…): … | rw.File(…, columns='…')",
    ),
    Case(
        "rowwise train ratings.csv -o m --columns user,item,user",
        "--columns names 'user' twice",
        "rename one of them",
        "rowwise train ratings.csv -o m --epochs 1 --columns user,item,rating",
        site="columns= names … twice | rename one of them",
    ),
    Case(
        "rowwise train ratings.csv -o m --separator '\"'",
        "--separator '\"'",
        "--separator ';'",
        """
import re, pathlib; put('r.csv', pathlib.Path('ratings.csv').read_text().replace(',', ';'))
rowwise train r.csv -o m --epochs 1 --separator ';'
""",
        site="separator=… | separator=';'",
    ),
    Case(
        "rowwise train ratings.csv -o m --encoding xyzzy",
        "--encoding 'xyzzy'",
        "--encoding 'latin-1'",
        "rowwise train ratings.csv -o m --epochs 1 --encoding latin-1",
        site="encoding=… | encoding='latin-1'",
    ),
    Case(
        r"""
put("twice.csv", "user,film,film,stars\n1,2,3,4\n2,3,4,5\n")
rowwise train twice.csv -o m --item film
""",
        "twice.csv has 2 columns 'film'",
        "rename the others, or leave them out",
        r"""
put("twice.csv", "user,film,again,stars\n1,2,3,4\n2,3,4,5\n1,4,4,5\n")
rowwise train twice.csv -o m --item film --target stars --epochs 1 --validation 0
""",
    ),
    Case(
        r"""
put("mixed.csv", b"user,film,stars\n" + "".join(f"\u00e9{k},{k % 7},{k % 5}\n" for k in range(9)).encode() + b"\xe9,1,1\n")
rowwise train mixed.csv -o m
""",
        "mixed.csv, line 11 is not UTF-8, and other lines are",
        "correct the line, or tell the encoding: --encoding 'latin-1'",
        r"""
put("mixed.csv", b"user,film,stars\n" + "".join(f"\u00e9{k},{k % 7},{k % 5}\n" for k in range(9)).encode() + b"\xe9,1,1\n")
rowwise train mixed.csv -o m --encoding latin-1 --epochs 1 --user user --item film --target stars
""",
        site="…, line … is not UTF-8, and other lines are | correct the line, or tell the encoding: rw.File(…, encoding='latin-1')",
    ),
    Case(
        r"""
put("cells.csv", "user,film,stars\n" + "1,2,3\n" * 9 + "1,Yes, we can,3\n")
rowwise train cells.csv -o m
""",
        "cells.csv, line 11 has 4 cells (UTF-8, separator ',')",
        "put quotes around a cell that holds the separator, or tell another: --separator ';'",
        r"""
put("cells.csv", "user;film;stars\n" + "1;2;3\n" * 9 + '1;Yes, we can;4\n')
rowwise train cells.csv -o m --epochs 1 --separator ';'
""",
        site="…, line … has … cells (…) | put quotes around a cell that holds the separator, or tell another: rw.File(…, separator=';')",
    ),
    Case(
        """
ratings.write_parquet("ratings.csv")
rowwise train ratings.csv -o m
""",
        "ratings.csv is no text: its first bytes are those of .parquet",
        "rename it: ratings.parquet",
        """
ratings.write_parquet("ratings.parquet")
rowwise train ratings.parquet -o m --epochs 1
""",
    ),
    Case(
        """
ratings.write_parquet("r.parquet")
rowwise train r.parquet -o m --separator ,
""",
        "--separator for r.parquet, which is Parquet",
        "leave --separator out",
        """
ratings.write_parquet("r.parquet")
rowwise train r.parquet -o m --epochs 1
""",
        site="…= for …, which is … | leave …= out",
    ),
    Case(
        "rowwise train ftp://somewhere/ratings.csv -o m",
        "nothing here reads ftp://",
        "copy it here first",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
    Case(
        "rowwise train 'nothing*.csv' -o m",
        "nothing*.csv names no file that can be read",
        "check the path, and the folder it starts from",
        "rowwise train 'rating*.csv' -o m --epochs 1",
    ),
    Case(
        r"""
put('folder/a.csv', 'user,film,stars\n1,2,3\n'); put('folder/b.csv', 'user,book,stars\n1,2,3\n')
rowwise train 'folder/*.csv' -o m
""",
        "b.csv and a.csv are not alike: 'book', 'film'",
        "name those that belong together: 'folder/ratings-*.csv'",
        r"""
put('folder/ratings-1.csv', 'user,film,stars\n1,2,3\n'); put('folder/ratings-2.csv', 'user,film,stars\n1,3,4\n')
rowwise train 'folder/ratings-*.csv' -o m --epochs 1 --validation 0
""",
    ),
    Case(
        r"""
put("r.jsonl", "[1, 2, 3]\n")
rowwise train r.jsonl -o m
""",
        "r.jsonl, line 1 holds list, no object",
        "give each value the name of its column",
        r"""
put("r.jsonl", '{"user": 1, "film": 2, "stars": 3}\n{"user": 2, "film": 2, "stars": 4}\n')
rowwise train r.jsonl -o m --epochs 1 --validation 0
""",
    ),
    Case(
        """
put("r.json", "[{")
rowwise train r.json -o m
""",
        "r.json cannot be read, line 1 (Expecting property name enclosed in double quotes)",
        "check how the file was made",
        """
put("r.json", '[{"user": 1, "film": 2, "stars": 3}, {"user": 2, "film": 2, "stars": 4}]')
rowwise train r.json -o m --epochs 1 --validation 0
""",
    ),
    Case(
        """
import zipfile
with zipfile.ZipFile("z.zip", "w") as z: z.write("ratings.csv", "a.csv"); z.write("pairs.csv", "b.csv")
rowwise train z.zip -o m
""",
        "z.zip holds 2 files",
        "name it: z.zip/a.csv",
        """
import zipfile
with zipfile.ZipFile("z.zip", "w") as z: z.write("ratings.csv", "a.csv"); z.write("pairs.csv", "b.csv")
rowwise train z.zip/a.csv -o m --epochs 1
""",
    ),
    Case(
        """
import zipfile
with zipfile.ZipFile("z.zip", "w") as z: pass
rowwise train z.zip -o m
""",
        "z.zip holds 0 files",
        "check how it was made",
        """
import zipfile
with zipfile.ZipFile("z.zip", "w") as z: z.write("ratings.csv")
rowwise train z.zip -o m --epochs 1
""",
    ),
    Case(
        """
book()
rowwise train b.xlsx -o m
""",
        "b.xlsx: its first sheet is empty",
        "fill it",
        """
book(["user", "film", "stars"], [1, 2, 3], [2, 2, 4])
rowwise train b.xlsx -o m --epochs 1 --validation 0
""",
    ),
    Case(
        """
book(["user", "film", "stars"], [1, 2, 3], [2, 2, "#DIV/0!"])
rowwise train b.xlsx -o m
""",
        "b.xlsx, row 3 of the sheet: a formula gives #DIV/0!",
        "correct the formula, or put its value in its place",
        """
book(["user", "film", "stars"], [1, 2, 3], [2, 2, 4])
rowwise train b.xlsx -o m --epochs 1 --validation 0
""",
    ),
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
        site="told | try the query in the database's own shell",
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
        site="told | try the query in the database's own shell",
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
        site="told | check the URL, and that you may create tables",
    ),
    Case(
        "rowwise predict model pairs.csv -o out.csv --table t",
        "--table t with out.csv",
        "-o sqlite:///predictions.db",
        "rowwise predict model pairs.csv -o sqlite:///predictions.db --table t",
    ),
    Case(
        "rowwise predict model pairs.csv -o out.xls",
        "out.xls is in no format known here",
        "out.csv",
        "rowwise predict model pairs.csv -o out.csv",
    ),
    Case(
        """
import os; os.mkdir("out.csv")
rowwise predict model pairs.csv -o out.csv
""",
        "out.csv is a folder",
        "out.csv/predicted.csv",
        """
import os; os.mkdir("out.csv")
rowwise predict model pairs.csv -o out.csv/predicted.csv
""",
    ),
    Case(
        "rowwise predict model pairs.csv -o no/out.csv",
        "there is no folder no",
        "make it first",
        """
import os; os.mkdir("no")
rowwise predict model pairs.csv -o no/out.csv
""",
    ),
    Case(
        "rowwise predict model ratings.csv --column stars",
        "ratings.csv has a column 'stars' already",
        "--column my_stars",
        "rowwise predict model ratings.csv --column my_stars",
    ),
    Case(
        """
pl.read_csv("pairs.csv").rename({"user": "usr"}).write_csv("p.csv")
rowwise predict model p.csv
""",
        "p.csv has no column 'user', which the model reads; it has usr, film",
        "rename 'usr' to 'user'",
        """
pl.read_csv("pairs.csv").rename({"user": "usr"}).rename({"usr": "user"}).write_csv("p.csv")
rowwise predict model p.csv
""",
    ),
    Case(
        """
pl.read_csv("pairs.csv").drop("user").write_csv("p.csv")
rowwise predict model p.csv
""",
        "p.csv has no column 'user', which the model reads; it has film",
        "rename or add a column: 'user'",
        """
pl.read_csv("pairs.csv").drop("user").with_columns(user=1).write_csv("p.csv")
rowwise predict model p.csv
""",
    ),
    Case(
        "rowwise evaluate model pairs.csv",
        "pairs.csv has no column 'stars'",
        "add the column",
        "rowwise evaluate model ratings.csv",
    ),
    Case(
        "rowwise evaluate no_model ratings.csv",
        "no_model holds no saved model",
        "there is no such folder: check the path",
        "rowwise evaluate model ratings.csv",
    ),
    Case(
        """
import os; os.mkdir("m")
rowwise evaluate m ratings.csv
""",
        "m holds no saved model",
        "check the path",
        "rowwise evaluate model ratings.csv",
    ),
    Case(
        "rowwise train ratings.csv -o ratings.csv --epochs 1",
        "ratings.csv exists and is not a saved model",
        "give another name",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
    Case(
        """
put("thesis/thesis.txt", "precious")
rowwise train ratings.csv -o thesis --epochs 1
""",
        "thesis exists and is not a saved model",
        "give another name",
        "rowwise train ratings.csv -o model2 --epochs 1",
    ),
    Case(
        """
put("model/thesis.txt", "precious")
rowwise train ratings.csv -o model --epochs 1
""",
        "model holds thesis.txt, which is not part of the model there",
        "move thesis.txt away, or give another name",
        """
put("model/thesis.txt", "precious"); import os; os.rename("model/thesis.txt", "thesis.txt")
rowwise train ratings.csv -o model --epochs 1
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
        """
put("model/tables.safetensors", b"x")
rowwise info model
""",
        "model is damaged: tables.safetensors is not the file that was saved",
        "copy the folder again from where it came, or train again",
        "rowwise train ratings.csv -o model2 --epochs 1",
    ),
    Case(
        "rowwise steps model ratings.csv --row 99",
        "--row 99",
        "--row 47 is the last",
        "rowwise steps model ratings.csv --row 47",
    ),
    Case(
        """
gaps.write_parquet("r.parquet")
rowwise train r.parquet -o m
""",
        "r.parquet, row 1: 'stars' is empty",
        "correct the row, or leave it out",
        """
gaps.drop_nulls().write_parquet("r.parquet")
rowwise train r.parquet -o m --epochs 1
""",
        site="refuse: …: … is … | …",
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
        r"""
put("notes.log", "user,film,stars\n1,2,3\n1,3,4\n2,3,4\n")
rowwise train notes.log -o m
""",
        "notes.log is in no format known here",
        "rename or convert it, or tell how text is written: --separator ','",
        r"""
put("notes.log", "user,film,stars\n1,2,3\n1,3,4\n2,3,4\n")
rowwise train notes.log -o m --separator ',' --epochs 1 --validation 0
""",
        site="… is in no format known here | rename or convert it, or tell how text is written: rw.File(…, separator=',')",
    ),
    Case(
        """
put("r.xls", "x")
rowwise train r.xls -o m
""",
        "r.xls is in no format known here",
        "save it as .xlsx or .csv",
        """
ratings.write_csv("r.csv")
rowwise train r.csv -o m --epochs 1
""",
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
    Case(
        "rowwise recommend model --user 1 --seen xyzzy",
        "invalid value for '--seen': 'xyzzy' is not one of 'drop', 'keep'",
        "rowwise recommend --help shows an example",
        "rowwise recommend --help",
    ),
    Case(
        "rowwise train ratings.csv -o 'm\x00' --epochs 1",
        "--output m\\x00",
        "type it anew, or give the file another name",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
    Case(
        "rowwise train texts.csv -o m --text txt",
        "texts.csv has no column 'txt'",
        "did you mean 'text'?",
        "rowwise train texts.csv -o m --text text",
    ),
    Case(
        "rowwise train ratings.csv -o m --engine xyzzy",
        "invalid value for '--engine': 'xyzzy' is not one of 'auto', 'llvm', 'xla'",
        "rowwise train --help shows an example",
        "rowwise train --help",
    ),
    Case(
        "rowwise train ratings.csv -o m --learning-rate 1e30 --epochs 2",
        "the loss of an example is not finite in epoch 1: user 7, film 1, stars 5.0",
        "lower --learning-rate (it was 1e+30), or raise --reg; 2e-31 times the learning rate of each epoch stays finite (tried for all epochs)",
        "rowwise train ratings.csv -o m --learning-rate 0.2 --epochs 2",
        site="the loss of an example is not finite in epoch … | lower learning_rate (it was …), or raise l2",
    ),
    Case(
        """
put("k", "x")
rowwise train ratings.csv -o m --epochs 1 --checkpoint k
""",
        "checkpoint k cannot be read (Error while deserializing header: header too small)",
        "delete k to start afresh",
        """
import pathlib; put("k", "x"); pathlib.Path("k").unlink()
rowwise train ratings.csv -o m --epochs 1 --checkpoint k
""",
    ),
    Case(
        """
rw.Recommender(factors=2, epochs=1).fit(ratings, checkpoint="k", progress=False)
rowwise train ratings.csv -o m --epochs 1 --factors 3 --checkpoint k
""",
        "checkpoint k belongs to another run",
        "delete k to start afresh, or give another --checkpoint",
        """
rw.Recommender(factors=2, epochs=1).fit(ratings, checkpoint="k", progress=False)
rowwise train ratings.csv -o m --epochs 1 --factors 3 --checkpoint k2
""",
        site="checkpoint … belongs to another run | delete … to start afresh, or give another checkpoint=",
    ),
    Case(
        "rowwise train ratings.csv -o m --model biases_only --factors 3",
        "--factors 3 with --model 'biases_only', which has no factors",
        "leave --factors out",
        "rowwise train ratings.csv -o m --model biases_only --epochs 1",
        site="…=… with model=…, which has no … | leave …= out",
    ),
    Case(
        "rowwise recommend timed --user 1 --value hours=12",
        "timed does not read 'hours'",
        "did you mean 'hour'?",
        "rowwise recommend timed --user 1 --value hour=12",
    ),
)
