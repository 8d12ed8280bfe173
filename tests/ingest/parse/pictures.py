"""Pictures of text, drawn with the font that OpenCV carries: no font of the machine is needed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

# A system library (libGL) may be missing: then the tests that draw are skipped, and say so.
cv2 = pytest.importorskip("cv2", exc_type=ImportError)

Drawn = tuple[int, int, int, str]  # x, y of the baseline, size in pixels, text


def picture(
    lines: Sequence[Drawn], *, width: int = 1000, height: int = 600, background: int = 255
) -> Image.Image:
    canvas = np.full((height, width, 3), background, np.uint8)
    font = cv2.FontFace("uni")
    for x, y, size, text in lines:
        cv2.putText(canvas, text, (x, y), (0, 0, 0), font, size)
    return Image.fromarray(canvas[:, :, ::-1])


def mixed_pdf(path: Path, pages: Sequence[str | Image.Image | None]) -> Path:
    """A page for each item: a line of text, a scan, or nothing."""
    canvas = Canvas(str(path), pagesize=(595, 842))
    for page in pages:
        if isinstance(page, str):
            canvas.drawString(72, 700, page)
        elif page is not None:
            canvas.drawImage(ImageReader(page), 0, 842 - 595 * page.height / page.width, 595,
                             595 * page.height / page.width)  # fmt: skip
        canvas.showPage()
    canvas.save()
    return path
