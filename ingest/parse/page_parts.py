"""Parts of a page that are no text and show some: formulas, check boxes, filled-in fields."""

from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from ingest.parse.document import Builder, one_line
from ingest.parse.page import is_hidden
from ingest.parse.symbols import superscript

_CHECKED = frozenset(("checkbox", "radio"))
_WRITTEN = frozenset(("", "text", "number", "email", "tel", "date", "time", "url", "month", "week"))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt", "legend")
_LINES = frozenset("li label p td th dd dt".split())
_SOURCES = ("title", "src", "data")
_LONGEST_SOURCE = 200  # characters
_DEEPEST = 40  # elements within each other that are looked at


def show_parts(builder: Builder, tree: HtmlElement) -> None:
    """Put what a reader sees of these in their place; what stands in another file is noted."""
    for formula in list(tree.iter("math")):
        _put(formula, "".join(_math(formula, 0)).strip())
    for box in list(tree.iter("input")):
        kind = (box.get("type") or "").lower()
        if kind in _CHECKED:
            if _is_answer(box, kind):
                _put(box, "☒ " if box.get("checked") is not None else "☐ ")
        elif kind in _WRITTEN and one_line(box.get("value") or ""):
            _put(box, one_line(box.get("value") or ""))
    for choice in list(tree.iter("select")):
        options = list(choice.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None]
        _put(choice, ", ".join(one_line(option.text_content()) for option in chosen))
    for button in list(tree.iter("button")):
        # What opens a part of the page is its heading; others do something.
        opens = button.get("aria-expanded") or button.get("aria-controls")
        if opens or button.getparent().tag in _HEADINGS:
            button.tag = "span" if button.getparent().tag in _HEADINGS else "p"
    for marks in tree.xpath("//*[contains(concat(' ', @class, ' '), ' mw-editsection ')]"):
        _put(marks, "")
    for frame in tree.iter("iframe", "object", "embed", "video", "audio"):
        source = next((found for name in _SOURCES if (found := frame.get(name))), "")
        if (source or frame.find("source") is not None) and _is_seen(frame):
            builder.note("embedded_file", source[:_LONGEST_SOURCE])


def _is_answer(box: HtmlElement, kind: str) -> bool:
    """Whether a box says something, and does not open a part of the page, as style sheets use them."""
    beside = kind == "checkbox" and box.getparent() is not None and box.getparent().tag in _LINES
    return beside or any(e.tag == "form" for e in islice(box.iterancestors(), _DEEPEST))


def _is_seen(frame: HtmlElement) -> bool:
    """Not one that counts visitors."""
    sides = frame.get("width"), frame.get("height")
    around = (frame, *islice(frame.iterancestors(), _DEEPEST))
    return not (
        any(side in ("0", "1") for side in sides)
        or any(element.tag == "noscript" or is_hidden(element) for element in around)
    )


def _put(element: HtmlElement, text: str) -> None:
    if element.getparent() is not None:
        tail = element.tail
        element.clear()
        element.tag, element.text, element.tail = "span", text, tail


def _math(element: HtmlElement, depth: int) -> Iterator[str]:
    """MathML on one line, as formulas of Word are written."""
    if not isinstance(element.tag, str) or depth > _DEEPEST:
        return
    tag = element.tag.rpartition(":")[2]
    if tag in ("annotation", "annotation-xml"):
        return  # the same, as it was typed
    parts = ["".join(_math(child, depth + 1)) for child in element]
    match tag, parts:
        case "msup", [base, above]:
            yield f"{base}{superscript(above) or f'^{_grouped(above)}'}"
        case (("msub" | "munder"), [base, below]):
            yield f"{base}_{_grouped(below)}"
        case (("msubsup" | "munderover"), [base, below, above]):
            yield f"{base}_{_grouped(below)}^{_grouped(above)}"
        case "mover", [base, above]:
            yield f"{base}^{_grouped(above)}" if above.isalnum() else f"{base}{above}"
        case "mfrac", [over, under]:
            yield f"{_grouped(over)}/{_grouped(under)}"
        case "msqrt", _:
            yield f"√{_grouped(''.join(parts))}"
        case "mroot", [base, index]:
            yield f"{superscript(index) or index}√{_grouped(base)}"
        case "mtr", _:
            yield ", ".join(parts) + "; "
        case "mtext", _:
            yield one_line(element.text_content())
        case _:
            yield one_line(element.text or "")
            yield from parts


def _grouped(text: str) -> str:
    return text if len(text) < 2 or text.replace(".", "").isalnum() else f"({text})"
