"""What the first bytes of a file say of how it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowwise.data.files.dialect import SEPARATORS, cells_of, detect, encoding_of, records


def found(text, encoding="utf-8", **told):
    return detect(text.encode(encoding), is_all=True, **told)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "::"])
@pytest.mark.parametrize("usual", [",", "\t", None])
def test_the_separator_is_the_one_by_which_all_lines_have_equally_many_cells(separator, usual):
    lines = [("user", "item", "rating"), ("1", "10", "5"), ("2", "11", "4")]
    dialect = found("\n".join(map(separator.join, lines)), usual=usual)
    assert dialect.separator == separator
    assert dialect.first == ("user", "item", "rating")
    assert str(dialect) == f"UTF-8, separator {separator!r}"


def test_genres_and_commas_in_titles_are_no_separators():
    assert found("1::Heat, The (1995)::Crime|War\n2::Up::Drama|War\n").separator == "::"
    assert found('movieId,title,genres\n1,"Heat, The",A|B\n2,Up,C|D\n', usual=",").separator == ","
    assert found("text\na good, nice film\nbad\n").separator is None


def test_a_space_parts_numbers_only():
    assert found("user item rating\n1 10 5\n2 11 4\n").separator == " "
    assert found("text here\ngood film\nbad film\n").separator is None


@pytest.mark.parametrize(
    ("separator", "cell", "decimal"),
    [(";", "4,5", ","), (";", "4,500", ","), ("\t", "4,5", ","), ("\t", "1,234", "."), (";", "4.5", ".")],
)
def test_a_comma_is_a_decimal_sign_where_it_cannot_be_another(separator, cell, decimal):
    assert found(f"user{separator}rating\n1{separator}{cell}\n").decimal == decimal


@pytest.mark.parametrize(
    ("encoding", "seen"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("utf-32", "utf-32"), ("latin-1", "cp1252"), ("cp1252", "cp1252")],
)  # fmt: skip
def test_the_encoding_is_seen(encoding, seen):
    text = "user,title\n1,Été à la plage\n2,Heat\n"
    assert encoding_of(text.encode(encoding), is_all=True) == seen
    assert found(text, encoding).first == ("user", "title")


def test_a_letter_cut_by_the_end_of_the_sample_is_no_damage():
    cut = "user,title\n1,É".encode()[:-1]
    assert encoding_of(cut, is_all=False) == "utf-8"
    assert encoding_of(cut, is_all=True) != "utf-8"


def test_letters_of_utf8_beside_a_bad_byte_are_damage_and_no_other_encoding():
    assert encoding_of("É".encode() + b"\xe9\n", is_all=True) == "utf-8"


@pytest.mark.parametrize(
    ("text", "has_header"),
    [
        ("user,item,rating\n1,10,5\n", True),
        ("1,10,5\n2,11,4\n", False),
        ("ann,heat,5\nbob,up,4\n", False),
        ("ann,shoe,2024-01-01\nbob,hat,2024-01-02\n", False),
        ("ann,shoe\nann,hat\n", False),
        (",user,item\n0,1,10\n", True),
        ("user,2019\n1,much\n", True),
        ("user\n", True),
    ],
)
def test_a_first_line_like_the_others_is_no_header(text, has_header):
    assert found(text).has_header is has_header


def test_blank_and_comment_lines_stand_before_the_first_record():
    dialect = found("# made by hand\n\n% twice\nuser,item\n1,10\n")
    assert (dialect.skipped, dialect.first, dialect.comment) == (3, ("user", "item"), "%")


def test_a_line_with_all_its_cells_is_no_comment_whatever_it_begins_with():
    assert found("tag,item\n#1,10\n#2,11\n").comment is None
    assert found("tag,item\n1,10\n# the end\n").comment == "#"


def test_quotes_are_letters_where_they_hold_nothing_together():
    assert not found('1|Toy "Story|x\n2|Heat|y\n').quoted
    assert found('1|"Toy | Story"|x\n2|Heat|y\n').quoted


def test_a_carriage_return_alone_ends_a_line_where_nothing_else_does():
    assert found("a,b\r1,2\r").line_end == "\r"
    assert found("a,b\r\n1,2\r\n").line_end == "\n"


TEXT = st.text(st.characters(exclude_characters="\r", codec="utf-8"), max_size=8)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1, max_size=5), st.sampled_from(SEPARATORS))
def test_cells_in_quotes_come_out_as_they_were(rows, separator):
    text = "\n".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    back = [cells_of(record, separator) for _, record in records(text.split("\n"), quoted=True)]
    assert back == rows


@given(st.binary(max_size=300), st.booleans(), st.sampled_from([None, ",", "::"]))
def test_any_bytes_have_a_dialect(data, is_all, usual):
    assert str(detect(data, is_all=is_all, usual=usual))
