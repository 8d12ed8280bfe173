"""Reading documents apart from this process: a parser may loop, eat memory or crash.

`ReadPool` has worker processes that parse and cut; each is ended when it goes beyond a document's
limits. The workers import neither torch nor the database.
"""

from ingest.reading.pool import Abandoned, ReadPool
from ingest.reading.task import EnclosedText, Raised, ReadTask, ReadText, cut, document_tags, read

__all__ = [
    "Abandoned",
    "EnclosedText",
    "Raised",
    "ReadPool",
    "ReadTask",
    "ReadText",
    "cut",
    "document_tags",
    "read",
]
