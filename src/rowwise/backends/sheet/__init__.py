"""Program → formulas of a workbook."""
