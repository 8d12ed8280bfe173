"""What a document's reader left out of the text, as it is kept with the document."""

from app.library.stored.base import Part


class StoredNote(Part):
    """`count` things of one `kind` (ingest.parse.document.NoteKind); `detail` says where or which."""

    kind: str
    count: int = 1
    detail: str = ""
