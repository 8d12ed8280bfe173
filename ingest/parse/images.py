"""Pictures of text: scans, photographs, screenshots."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import DocumentTooLarge, DocumentWithoutText, OcrMissing, Phrase
from ingest.parse.document import Builder, Content, Limits
from ingest.parse.ocr import WIDEST, Picture, Reader
from ingest.parse.pdf_layout import compose
from ingest.parse.running_titles import Said, without_running_titles, write_said

# A picture takes four bytes a pixel once it is unpacked. Pillow's own bound is twice this.
_MOST_PIXELS = 89_000_000


# Smaller ones are icons and bullets: the detector finds no text of such a size.
SMALLEST_READ = 24  # pixels, both ways


def parse_image(path: Path, name: str, limits: Limits) -> Content:
    """The text in a picture; each picture of a TIFF file with several is a page.

    Raises OcrMissing, DocumentTooLarge, DocumentWithoutText.
    """
    reader = Reader(name, limits)
    lines = []
    paged = False
    for page, (picture, paged) in enumerate(_pictures(path, name), 1):
        lines += reader.read(picture, page, paged=paged)
    said: list[Said] = []
    if paged:
        lines, said = without_running_titles(lines)
    if not lines and not said:
        raise DocumentWithoutText(path=name)
    builder = Builder()
    compose(builder, lines)
    write_said(builder, said)
    return builder.finish()


def read_picture(reader: Reader, data: bytes, name: str) -> str:
    """The text in a picture that stands in a document, a block a line; '' if there is none, or
    it is no picture of a kind that is read.

    Raises DocumentTooLarge when `reader` is at the end of its limits, or OcrMissing.
    """
    try:
        texts = [
            text_in(reader, picture)
            for picture, _ in _pictures(BytesIO(data), name)
            if min(picture.shape[:2]) >= SMALLEST_READ
        ]
    except (OSError, ValueError, SyntaxError):
        return ""  # Pillow's errors for what it does not know, and for what is damaged
    return "\n".join(text for text in texts if text)


def text_in(reader: Reader, picture: Picture) -> str:
    """The text in a picture, a block a line. Raises DocumentTooLarge, as `reader` does."""
    builder = Builder()
    compose(builder, reader.read(picture, 1, paged=False))
    return "\n".join(line for line in builder.finish().text.split("\n") if line)


def _pictures(path: Path | BytesIO, name: str) -> Iterator[tuple[Picture, bool]]:
    """Each picture upright, on white, at most `WIDEST` pixels wide; and whether there are several."""
    try:
        from PIL import Image, ImageOps, ImageSequence  # lazy: comes with the OCR extra
    except ImportError as error:
        raise OcrMissing(path=name, detail=str(error)) from error

    try:
        # Nothing but these: Pillow's other readers have seen less of the world.
        image = Image.open(path, formats=("PNG", "JPEG", "TIFF", "WEBP", "BMP"))
    except Image.DecompressionBombError as error:
        raise DocumentTooLarge(path=name, detail=str(error)) from error
    with image:
        several = getattr(image, "n_frames", 1) > 1 and image.format == "TIFF"
        frames: Any = ImageSequence.Iterator(image) if several else (image,)
        for frame in frames:
            if frame.width * frame.height > _MOST_PIXELS:
                size = f"{frame.width} × {frame.height}"
                detail = Phrase("pixels", count=size, limit=_MOST_PIXELS)
                raise DocumentTooLarge(path=name, detail=detail)
            upright = ImageOps.exif_transpose(frame).convert("RGBA")
            if upright.width > WIDEST:
                upright = upright.resize((WIDEST, upright.height * WIDEST // upright.width))
            page = Image.new("RGB", upright.size, "white")
            page.paste(upright, mask=upright.getchannel("A"))
            yield np.asarray(page)[:, :, ::-1], several
