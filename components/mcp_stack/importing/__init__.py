"""Configurations of other systems as stack files: charts' values, and clients' `mcpServers`. Nothing is lost without a word."""

from .formats import Imported, import_documents
from .report import report, stack_document

__all__ = ["Imported", "import_documents", "report", "stack_document"]
