"""Documents as PDF and as editable Word files: rooms say what stands in a document, one template each says how it looks."""

from anlan.desk.documents.blocks import Block, Document, Heading, Lines, Pairs, Paragraph, Picture, Signatures, Table, TimelineRow
from anlan.desk.documents.rendering import NoFont, pdf, png
from anlan.desk.documents.word import docx

CONTENT_TYPES = {"pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
"""What a document is sent as, by the ending of its file's name."""

__all__ = [
    "CONTENT_TYPES",
    "Block",
    "Document",
    "Heading",
    "Lines",
    "NoFont",
    "Pairs",
    "Paragraph",
    "Picture",
    "Signatures",
    "Table",
    "TimelineRow",
    "docx",
    "pdf",
    "png",
]
