"""Spreadsheet import: upload, check report, the user's decision, writing in one transaction."""
