"""A fitted model as a workbook with live formulas."""

from rowwise.views.workbook.workbook import workbook

__all__ = ["workbook"]
