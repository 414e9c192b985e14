"""Columns of a file: one that is not there, one taken for another, a cell that is no number."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

CASES = (
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
        site="the first column that could be the … is …, which … | name them: Recommender(user='…', item='…', target='…')",
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
        "rowwise train texts.csv -o m --text txt",
        "texts.csv has no column 'txt'",
        "did you mean 'text'?",
        "rowwise train texts.csv -o m --text text",
    ),
)
