"""Pictures that stand in a document: their description, and their text where OCR is installed."""

import regex

from app.errors import DocumentTooLarge, GroundkbError
from ingest.parse.document import Builder, Limits, one_line
from ingest.parse.images import read_picture
from ingest.parse.labels import labelled
from ingest.parse.ocr import Reader

# What programs write where nobody described the picture.
_NO_DESCRIPTION = regex.compile(
    r"(?:picture|image|graphic|图片|圖片|图像)?\s*\d*", regex.IGNORECASE
)
_LARGEST = 50_000_000  # bytes of one picture


class Pictures:
    """Writes what can be told of each picture of one document; what can't be read is noted.

    A picture that stands in several places is read and written once.
    """

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._reader: Reader | None = None
        self._off = not limits.ocr
        self._known: dict[tuple[str, str], str] = {}  # (part, description): its text

    def write(self, builder: Builder, part: str, data: bytes | None, description: str = "") -> None:
        """`part` names the picture within the document; `data` is None for one outside it."""
        description = one_line(description)
        if _NO_DESCRIPTION.fullmatch(description):
            description = ""
        if (part, description) in self._known:
            if not self._known[part, description]:
                builder.note("picture", part)
            return
        text = self._read(data) if data is not None else ""
        self._known[part, description] = text
        if description:
            builder.paragraph(labelled("picture", description))
        if text:
            builder.paragraph(labelled("picture_text", text))
        else:
            builder.note("picture", part)

    def _read(self, data: bytes) -> str:
        if self._off or len(data) > _LARGEST:
            return ""
        try:
            if self._reader is None:
                self._reader = Reader(self._name, self._limits)
            return read_picture(self._reader, data, self._name)
        except DocumentTooLarge:
            # The limits for pages and time are the document's; one for pixels is the picture's.
            self._off = self._reader is None or self._reader.spent
        except GroundkbError:
            self._off = self._reader is None  # no OCR here: the others can't be read either
        return ""
