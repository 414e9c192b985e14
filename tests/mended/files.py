"""Files and addresses: how they are found, read and written."""

# ruff: noqa: E501  what is said is said whole

from mends import Case

CASES = (
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
        "rowwise train ratings.csv -o 'm\x00' --epochs 1",
        "--output m\\x00",
        "type it anew, or give the file another name",
        "rowwise train ratings.csv -o m --epochs 1",
    ),
)
