"""Workbooks that come back, changed by hand, and models too large for one."""

from mends import Case

BEGIN = """
import openpyxl
fitted.sheet("m.xlsx", data=ratings)
made = openpyxl.load_workbook("m.xlsx")
def type_into(sheet, cell, value): made[sheet][cell] = value; made.save("m.xlsx")
"""
LONG = """
@rw.model(target="label", loss=rw.binary_cross_entropy)
def m(words=rw.Rows("text", 4, length=500, text=rw.Text()), output=rw.Weight(500 * 4)): return words.ravel() @ output
frame = pl.DataFrame({"text": texts, "label": [1, 0] * 4})
m.fit(frame, epochs=1).sheet("m.xlsx", data=frame)
"""


def case(wrong: str, given: str, mend: str, right: str = "", site: str = "") -> Case:
    """Of a workbook that was written for the model, and is read back."""
    command = "\nrowwise unsheet model m.xlsx"
    return Case(BEGIN + wrong + command, given, mend, BEGIN + right + command, site)


CASES = (
    case(
        "type_into('grid', 'C14', 'many')",
        "m.xlsx, sheet 'grid', cell C14 holds 'many'",
        "type a number, or undo the change",
        "type_into('grid', 'C14', 0.5)",
    ),
    case(
        "type_into('grid', 'C14', 1e300)",
        "m.xlsx, sheet 'grid', cell C14 holds 1e+300",
        "type a smaller number, or undo the change",
        "type_into('grid', 'C14', 1e30)",
    ),
    case(
        "type_into('user', 'A8', 'bob')",
        "m.xlsx, sheet 'user', cell A8 holds 'bob', which is not in the 'user' vocabulary",
        "undo the change: ids stay as they were written",
    ),
    case(
        "type_into('user', 'A8', 0)",
        "m.xlsx, sheet 'user', cell A8 holds 0, which stands above already",
        "undo the change: ids stay as they were written",
    ),
    case(
        "made.defined_names['table_user'].attr_text = 'user!$C$6:$D$99'; made.save('m.xlsx')",
        "m.xlsx: the name table_user points at 94 × 2 cells",
        "undo the change, or write the workbook again with rowwise sheet",
    ),
    case(
        "rw.load('timed').sheet('m.xlsx', data=ratings.with_columns(hour=12.0))",
        "m.xlsx has no cells named table_item",
        "use the model that the workbook was written from",
    ),
    case(
        "put('m.xlsx', 'x' * 99)",
        "m.xlsx cannot be read (…)",
        "save it as .xlsx, or write it again with rowwise sheet",
        site="_Workbook._read",
    ),
    Case(
        LONG,
        "the formula of … has … characters",
        "use fewer factors, a shorter text (length=20 in the model's Rows) or a smaller layer",
        LONG.replace("length=500", "length=20").replace("500 * 4", "20 * 4"),
    ),
)
