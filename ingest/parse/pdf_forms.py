"""A bound on drawings within drawings, before PDFium unfolds them.

A form may draw another several times, and this one another: five levels in two kilobytes stand
for a hundred million objects, which PDFium makes one by one when the page is loaded.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import regex

from app.errors import DocumentTooLarge, Phrase

_FORM = regex.compile(rb"/Subtype\s*/Form\b")
_DRAWN = regex.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")
_MOST = 20_000  # forms that a page draws, those within others counted each time
_DEEPEST = 30
_LARGEST_STREAM = 5_000_000


def refuse_nested_forms(path: Path, name: str) -> None:
    """Raises DocumentTooLarge when a page draws more than 20,000 forms by way of others.

    A form is a stream, whose dictionary always stands in the file as it is: a file with fewer
    than two needs no look.
    """
    data = path.read_bytes()
    if len(_FORM.findall(data)) < 3:
        return
    drawn = _most_drawn(path)
    if drawn > _MOST:
        raise DocumentTooLarge(path=name, detail=Phrase("nested_forms", limit=_MOST))


def _most_drawn(path: Path) -> int:
    # Here, since few files come this far.
    from pypdf import PdfReader

    counter = _Counter()
    most = 0
    try:
        for page in PdfReader(path).pages:
            most = max(most, counter.of(page, page.get_contents, 0))
            if most > _MOST:
                break
    except Exception:  # noqa: BLE001  (pypdf raises whatever a damaged file makes it meet)
        # What is wrong with such a file is told by PDFium, which reads it next.
        return most
    return most


class _Counter:
    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def of(self, holder: Any, content: Any, depth: int) -> int:
        """How many forms the content draws, itself counted."""
        inner = dict(self._forms(holder))
        nested = {key: self._form(form, depth) for key, form in inner.items()}
        if not any(count > 1 for count in nested.values()):
            return 1 + len(nested)
        stream = content()
        data = stream.get_data() if stream is not None else b""
        total = 1
        for match in _DRAWN.finditer(data[:_LARGEST_STREAM]):
            total += nested.get(match.group(1).decode("latin-1"), 0)
            if total > _MOST:
                break
        return total

    def _form(self, form: Any, depth: int) -> int:
        key = form.indirect_reference.idnum if form.indirect_reference else id(form)
        if key not in self._known:
            self._known[key] = 1  # of a form that draws itself, PDFium draws it once
            self._known[key] = (
                _MOST + 1 if depth > _DEEPEST else self.of(form, lambda: form, depth + 1)
            )
        return self._known[key]

    @staticmethod
    def _forms(holder: Any) -> Iterator[tuple[str, Any]]:
        resources = holder.get("/Resources")
        objects = resources.get_object().get("/XObject") if resources is not None else None
        for key, value in (objects.get_object() if objects is not None else {}).items():
            form = value.get_object()
            if form.get("/Subtype") == "/Form":
                yield key.lstrip("/"), form
