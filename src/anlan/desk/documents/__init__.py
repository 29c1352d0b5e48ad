"""Documents as PDF: rooms say what stands in a document, one template says how it looks (typst)."""

from anlan.desk.documents.blocks import Block, Document, Heading, Lines, Pairs, Paragraph, Table, TimelineRow
from anlan.desk.documents.rendering import NoFont, pdf

__all__ = ["Block", "Document", "Heading", "Lines", "NoFont", "Pairs", "Paragraph", "Table", "TimelineRow", "pdf"]
