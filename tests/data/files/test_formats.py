"""Each format against its plain twin: the same cells, in and out; and what is damaged is told in three lines."""

import gzip
import io
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import rowwise as rw
from rowwise.data.files.formats import ENDINGS, WRITTEN
from rowwise.data.files.write import write
from rowwise.data.source import open_source
from rowwise.errors import BadData, BadOption, RowwiseError

TEXT = pl.DataFrame(
    {"user": ["007", "12345678901234567890", "7"], "title": ["Été", 'a "b", c', "=1+1"], "stars": ["4.50", "3", None]}
)
TYPED = pl.DataFrame({"user": [1, 2, 3], "title": ["Été", "b, c", None], "stars": [4.5, 3.0, 5.0]})
CSV = "user,title,stars\n1,Été,4.5\n2,Up,3\n"
PLAIN = [("1", "Été", "4.5"), ("2", "Up", "3")]


@pytest.fixture
def put(tmp_path):
    """Write text or bytes to a file of this name, and give its path."""

    def put(name, contents):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
        return path

    return put


def cells(source):
    return open_source(source).frame.rows()


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as folder:
        for name, text in files.items():
            folder.writestr(name, text)
    return made.getvalue()


def workbook(rows):
    made, book = io.BytesIO(), openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("a.csv", CSV),
        ("a.csv", CSV.replace("\n", "\r\n")),
        ("a.csv", CSV.replace("\n", "\r")),
        ("a.csv", CSV.encode("utf-8-sig")),
        ("a.csv", CSV.encode("latin-1")),
        ("a.csv", CSV.encode("utf-16")),
        ("a.csv", CSV.encode("utf-16-le")),
        ("a.csv", CSV.replace(",", ";")),
        ("a.csv", CSV.replace(",", ";").replace("4.5", "4,5")),
        ("a.csv", CSV.replace(",", "\t")),
        ("a.csv", CSV.replace(",", "|")),
        ("a.csv", CSV.replace("\n", "\n\n") + "\n,,\n"),
        ("a.csv", "# by hand\n" + CSV + "# the end\n"),
        ("a.csv", '"user","title","stars"\n"1","Été","4.5"\n2,Up,3\n'),
        ("a.tsv", CSV.replace(",", "\t")),
        ("a.dat", CSV.replace(",", "::")),
        ("a.data", CSV.replace(",", "\t")),
        ("a.txt", CSV.replace(",", ";")),
        ("a.json", '[{"user": 1, "title": "Été", "stars": 4.5}, {"user": 2, "title": "Up", "stars": 3}]'),
        ("a.ndjson", '{"user": 1, "title": "Été", "stars": 4.5}\n\n{"user": 2, "title": "Up", "stars": 3}\n'),
        ("a.jsonl", '{"user": "1", "title": "Été", "stars": 4.5}\n{"stars": 3, "title": "Up", "user": 2}\n'),
        ("a.csv.gz", gzip.compress(CSV.encode())),
        ("a.zip", zipped({"ml/a.csv": CSV, "__MACOSX/a.csv": "x", "ml/.a.csv": "x"})),
        ("a.xlsx", workbook([["user", "title", "stars"], [1, "Été", 4.5], [None, None, None], [2, "Up", 3.0]])),
    ],
)  # fmt: skip
def test_every_way_to_write_a_table_gives_the_same_cells(put, name, contents):
    assert cells(put(name, contents)) == PLAIN


@pytest.mark.parametrize("packing", ["", ".gz", ".zst", ".bz2", ".xz"])
@pytest.mark.parametrize("ending", WRITTEN)
def test_what_is_written_is_read_again(tmp_path, ending, packing):
    write(TEXT, tmp_path / f"a{ending}{packing}")
    assert_frame_equal(open_source(tmp_path / f"a{ending}{packing}").frame, TEXT)


@pytest.mark.parametrize("ending", [".parquet", ".arrow", ".feather", ".ipc", ".arrows", ".pq"])
def test_typed_columns_keep_their_types(tmp_path, ending):
    write(TYPED, tmp_path / f"a{ending}")
    assert_frame_equal(open_source(tmp_path / f"a{ending}").frame, TYPED)


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
CELL = st.text(LETTERS, min_size=1, max_size=8)
OF_A_SHEET = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=8
)


@pytest.mark.parametrize("ending", WRITTEN)
@given(data=st.data())
def test_any_table_of_text_comes_back_as_it_was(tmp_path_factory, ending, data):
    cell = OF_A_SHEET if ending == ".xlsx" else CELL
    rows = data.draw(st.lists(st.tuples(cell, cell | st.none()), min_size=1, max_size=4))
    frame = pl.DataFrame(rows, schema={"a name": pl.String, "b": pl.String}, orient="row")
    path = tmp_path_factory.mktemp("table") / f"t{ending}"
    write(frame, path)
    assert_frame_equal(open_source(rw.File(path, header=True, separator={".tsv": "\t", ".tab": "\t"}.get(ending, ","))
                                   if ending in (".csv", ".tsv", ".tab") else path).frame, frame)  # fmt: skip


def test_ids_in_json_are_as_they_are_written(put):
    path = put("a.json", '[{"id": 12345678901234567890123, "x": 1.10}, {"id": "007", "x": 2e2}, {"id": 7, "x": null}]')
    assert cells(path) == [("12345678901234567890123", "1.10"), ("007", "2e2"), ("7", None)]


def test_lists_in_json_are_lists(put):
    frame = open_source(
        put("a.ndjson", '{"a": [1, 2], "b": ["x", 1], "c": [0.5]}\n{"a": [], "b": null, "c": [1]}\n')
    ).frame
    assert frame.rows() == [([1, 2], ["x", "1"], [0.5]), ([], None, [1.0])]


def test_a_row_stands_on_the_line_that_an_editor_shows(put):
    assert open_source(put("a.csv", "# x\nu,i\n\n1,2\n,\n3,4\n")).place(1) == "a.csv, line 6"
    assert open_source(put("u.data", "1\t2\t3\t4\n5\t6\t7\t8\n")).place(1) == "u.data, line 2"
    assert open_source(put("a.xlsx", workbook([["u"], ["x"], [], ["y"]]))).place(1) == "a.xlsx, row 4 of the sheet"


@pytest.mark.parametrize(
    ("name", "line", "columns"),
    [
        ("u.data", "196\t242\t3\t881250949", ["userId", "movieId", "rating", "timestamp"]),
        ("u1.base", "1\t1\t5\t874965758", ["userId", "movieId", "rating", "timestamp"]),
        ("ratings.dat", "1::1193::5::978300760", ["userId", "movieId", "rating", "timestamp"]),
        ("movies.dat", "1::Toy Story (1995)::Animation|Children's", ["movieId", "title", "genres"]),
        ("users.dat", "1::F::1::10::48067", ["userId", "gender", "age", "occupation", "zip"]),
        ("u.user", "1|24|M|technician|85711", ["userId", "age", "gender", "occupation", "zip"]),
        ("ml-1m/ratings.dat", "1::1193::5::978300760", ["userId", "movieId", "rating", "timestamp"]),
    ],
)
def test_the_files_of_movielens_are_known(put, name, line, columns):
    frame = open_source(put(name, f"{line}\n{line}\n")).frame
    assert frame.columns == columns
    assert len(frame) == 2


def test_the_ratings_are_meant_in_an_archive_and_a_folder_of_movielens(put):
    ratings, movies = "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n", 'movieId,title,genres\n31,"A, b",C|D\n'
    path = put("ml.zip", zipped({"ml/ratings.csv": ratings, "ml/movies.csv": movies, "ml/README.txt": "hello"}))
    assert cells(path) == [("1", "31", "2.5", "1260759144")]
    assert cells(path / "movies.csv") == cells(path / "ml" / "movies.csv") == [("31", "A, b", "C|D")]
    put("ml/ratings.csv", ratings)
    assert cells(put("ml/movies.csv", movies).parent) == [("1", "31", "2.5", "1260759144")]


def test_an_archive_of_several_files_asks_for_one(put):
    path = put("two.zip", zipped({"a.csv": CSV, "b.csv": CSV}))
    with pytest.raises(BadData, match=r"two\.zip holds 2 files") as raised:
        open_source(path)
    assert raised.value.mend == "name it: two.zip/a.csv"
    assert cells(path / "a.csv") == PLAIN


def test_a_file_without_a_header_is_noticed_and_the_mend_works(put):
    path = put("no.csv", "1;10;4,5\n2;11;3\n")
    with pytest.raises(
        BadData, match=r"no\.csv has no header: its first line is '1', '10', '4,5' \(UTF-8, separator ';'\)"
    ) as raised:
        open_source(path)
    assert raised.value.mend == "name them: rw.File('no.csv', columns='user,item,rating')"
    opened = open_source(rw.File(path, columns="user,item,rating"))
    assert opened.frame.to_dict(as_series=False) == {"user": ["1", "2"], "item": ["10", "11"], "rating": ["4.5", "3"]}
    assert open_source(rw.File(path, header=False)).frame.columns == ["column_1", "column_2", "column_3"]
    assert open_source(rw.File(path, header=True)).frame.columns == ["1", "10", "4,5"]


def test_columns_that_are_named_take_the_place_of_a_header(put):
    assert cells(rw.File(put("a.csv", CSV), columns=["a", "b", "c"])) == PLAIN
    with pytest.raises(BadData, match=r"a\.csv has 3 columns .*\n.*not 2"):
        open_source(rw.File(put("a.csv", CSV), columns=["a", "b"]))


def test_what_is_told_is_not_looked_for(put):
    assert open_source(rw.File(put("a.csv", "a,b;c\nx,y;3\n"), separator=";")).frame.rows() == [("x,y", "3")]
    both = b"a,b\n1,\xc3\x89\n2,\xe9\n"
    assert cells(rw.File(put("a.csv", both), encoding="latin-1")) == [("1", "Ã\x89"), ("2", "é")]


@pytest.mark.parametrize("told", [{"encoding": "latin-17"}, {"separator": ""}, {"separator": '"'}, {"columns": "a,a"}])
def test_what_cannot_be_told_is_refused_at_once(told):
    with pytest.raises(BadOption):
        rw.File("a.csv", **told)


def test_only_text_can_be_told_how_it_is_written(tmp_path):
    write(TYPED, tmp_path / "a.parquet")
    with pytest.raises(BadOption, match=r"separator= for a\.parquet"):
        open_source(rw.File(tmp_path / "a.parquet", separator=";"))


def test_quotes_that_hold_nothing_together_are_letters_also_late_in_the_file(put):
    path = put("a.csv", "id,title\n" + "1,x\n" * 60_000 + '2,12" single\n')
    assert cells(path)[-1] == ("2", '12" single')


def test_another_encoding_is_seen_also_late_in_the_file(put):
    assert cells(put("a.csv", b"id,title\n" + b"1,x\n" * 70_000 + b"2,\xc9t\xe9\n"))[-1] == ("2", "Été")


def test_no_line_is_lost_to_a_quote_that_never_ends(put):
    for text in ('a,b\n1,"open\n', 'a,b\n1,"open\n2,3\n4,5\n', 'a,b\n1,"x"\n2,"open\n3,4\n'):
        with pytest.raises(BadData):
            open_source(put("a.csv", text), columns=["a"])
    letters = put("a.csv", 'a,b\n1,5" disk\n2,6 disk\n3,"x" y\n4,4\n')
    assert open_source(letters, columns=["a"]).frame["a"].to_list() == ["1", "2", "3", "4"]


def test_a_name_that_is_there_twice_is_refused_where_it_is_asked_for(put):
    path = put("a.csv", "a,a,b\n1,2,3\n")
    assert open_source(path, columns=["b"]).frame.rows() == [("3",)]
    with pytest.raises(BadData, match=r"a.csv has 2 columns 'a'"):
        open_source(path, columns=["a"])


def test_a_hundred_thousand_columns_end(put):
    n = 100_000
    path = put("wide.csv", ",".join(f"c{k}" for k in range(n)) + "\n" + ",".join(["1"] * n) + "\n")
    assert open_source(path).frame.shape == (1, n)
    with pytest.raises(BadData, match="has no column 'nix'") as raised:
        open_source(path, columns=["nix"])
    assert len(str(raised.value)) < 1000


# Damage


def damaged(data):
    yield "empty", b""
    yield "cut", data[: len(data) // 2]
    yield "cut by one", data[:-1]
    yield "other bytes", b"\x00\xff" * 50
    yield "a flipped byte", data[:10] + bytes([data[10] ^ 0xFF]) + data[11:]
    yield (
        "flipped in the middle",
        bytes([*data[: len(data) // 2], data[len(data) // 2] ^ 0xFF, *data[len(data) // 2 + 1 :]]),
    )


@pytest.mark.parametrize("ending", [*WRITTEN, ".csv.gz", ".csv.zst", ".csv.bz2", ".csv.xz", ".zip"])
def test_what_is_damaged_is_read_or_told_in_three_lines(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(zipped({"a.csv": CSV})) if ending == ".zip" else write(TYPED, path)
    whole = path.read_bytes()
    for what, data in damaged(whole):
        path.write_bytes(data)
        said = complaint(path)
        assert said is None or (len(said.splitlines()) == 3 and said.startswith(path.name)), what


@cache
def bytes_of(ending):
    with tempfile.TemporaryDirectory() as folder:
        write(TYPED, Path(folder) / f"a{ending}")
        return (Path(folder) / f"a{ending}").read_bytes()


def complaint(path):
    """What is said of a file that cannot be read; nothing of one that can."""
    try:
        open_source(path)
    except RowwiseError as error:
        return str(error)
    return None


@pytest.mark.parametrize("ending", [".parquet", ".arrow", ".csv.gz", ".xlsx"])
@given(data=st.data())
def test_any_one_byte_that_flips_is_read_or_told(tmp_path_factory, ending, data):
    folder = tmp_path_factory.mktemp("flip")
    whole = bytearray(bytes_of(ending))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    (folder / f"b{ending}").write_bytes(bytes(whole))
    said = complaint(folder / f"b{ending}")
    assert said is None or len(said.splitlines()) == 3


def test_a_number_of_parquet_with_the_other_sign_is_read_or_told(tmp_path):
    # the lowest bit of a number is its sign there; for a count below 0 Polars asks for 2⁶¹ bytes, and the process ends
    whole, path = bytes_of(".parquet"), tmp_path / "b.parquet"
    for k in range(len(whole)):
        flipped = bytearray(whole)
        flipped[k] ^= 1
        path.write_bytes(bytes(flipped))
        said = complaint(path)
        assert said is None or len(said.splitlines()) == 3


def test_a_name_that_says_another_format_than_the_bytes_is_told_with_the_right_one(tmp_path):
    for wrong, right in (
        (".csv", ".parquet"),
        (".tsv", ".arrow"),
        (".json", ".xlsx"),
        (".csv", ".csv.gz"),
        (".parquet", ".arrow"),
    ):
        write(TYPED, tmp_path / f"a{right}")
        (tmp_path / f"a{right}").rename(tmp_path / f"a{wrong}")
        with pytest.raises(BadData, match="its first bytes are those of") as raised:
            open_source(tmp_path / f"a{wrong}")
        (tmp_path / f"a{wrong}").rename(tmp_path / raised.value.mend.removeprefix("rename it: "))
        assert open_source(tmp_path / f"a{right}").frame.shape == (3, 3)


def test_a_formula_that_gives_an_error_is_told_with_its_row(put):
    made, book = io.BytesIO(), openpyxl.Workbook()
    book.active.append(["u", "r"])
    book.active.append(["x", "#REF!"])
    book.active["B2"].data_type = "e"
    book.save(made)
    with pytest.raises(BadData, match=r"a\.xlsx, row 2 of the sheet: a formula gives #REF!"):
        open_source(put("a.xlsx", made.getvalue()))


def test_a_panic_of_a_library_is_told_like_any_other_failure():
    from rowwise.errors import foreign

    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    told = pytest.raises(BadData, match=r"^a\.parquet cannot be read \(index out of range\)\n")
    with told, foreign(BadData, "a.parquet cannot be read", expected="a file"):
        raise panic("\nindex out of range\nmore")
    with pytest.raises(KeyboardInterrupt), foreign(BadData, "a.parquet cannot be read"):
        raise KeyboardInterrupt


def test_all_endings_are_told_for_a_name_that_says_nothing(put):
    with pytest.raises(BadData, match=r"a\.xyz is in no format known here") as raised:
        open_source(put("a.xyz", CSV))
    assert all(ending in raised.value.expected for ending in ENDINGS)
    assert cells(rw.File(put("a.xyz", CSV), separator=",")) == PLAIN
