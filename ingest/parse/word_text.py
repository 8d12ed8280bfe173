"""What stands in a line of a Word document: its text as Word shows it with all changes accepted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import regex

from ingest.parse.formulas import equation, formula
from ingest.parse.ooxml import MC, M, W, alternative, integer, is_on
from ingest.parse.symbols import from_symbols, superscript, symbol
from ingest.parse.word_styles import Styles, struck

NoteRef = Literal["footnote", "endnote", "comment"]

_WRAPPERS = frozenset(
    f"{W}{name}"
    for name in (
        "ins", "moveTo", "smartTag", "customXml", "dir", "bdo", "hyperlink", "fldSimple",
        "subDoc", "sdtContent",
    )
)  # fmt: skip
_DELETED = frozenset((f"{W}del", f"{W}moveFrom"))
_DRAWN = frozenset((f"{W}drawing", f"{W}pict", f"{W}object"))
_REFERENCES: dict[str, NoteRef] = {
    f"{W}footnoteReference": "footnote",
    f"{W}endnoteReference": "endnote",
    f"{W}commentReference": "comment",
}
_BREAKS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}ptab": "\t",
           f"{W}noBreakHyphen": "-"}  # fmt: skip
_PAGE_FIELD = regex.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES|SECTION)\b", regex.IGNORECASE)
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_MAY_BE_COLOURED = frozenset((f"{W}tc", f"{W}txbxContent"))
_SMALLEST_TYPE = 4  # half-points; smaller type cannot be read


def visible(element: Any) -> Iterator[Any]:
    """The children that Word shows: what wraps them is passed through, what is deleted left out."""
    for child in element:
        tag = child.tag
        if tag in _WRAPPERS:
            yield from visible(child)
        elif tag == f"{W}sdt":
            content = child.find(f"{W}sdtContent")
            if content is not None:
                yield from visible(content)
        elif tag == f"{MC}AlternateContent":
            chosen = alternative(child)
            if chosen is not None:
                yield from visible(chosen)
        elif tag not in _DELETED:
            yield child


@dataclass
class Inline:
    """The text of a paragraph, and what hangs on it, in order.

    `drawn`: drawings, pictures and objects; `references`: (kind, id) of notes and comments.
    `hidden`: how many runs were left out. `struck`: pieces with a line through them.
    """

    parts: list[str] = field(default_factory=list)
    drawn: list[Any] = field(default_factory=list)
    references: list[tuple[NoteRef, str]] = field(default_factory=list)
    hidden: int = 0
    struck: list[str] = field(default_factory=list)
    _ruby: list[str] = field(default_factory=list)
    _striking: bool = False

    def add(self, text: str) -> None:
        if text:
            self._end_ruby()
            self.parts.append(text)
            self._striking = False

    def strike(self, text: str) -> None:
        """Left out; what goes on with the piece before is one with it. Space between words stays."""
        if text.isspace():
            self.parts.append(text)
        if self._striking:
            self.struck[-1] += text
        elif text.strip():
            self.struck.append(text)
            self._striking = True

    def add_ruby(self, base: str, above: str) -> None:
        """Characters with their reading: readings stand together, after the last character."""
        self.parts.append(base)
        if above:
            self._ruby.append(above)

    def text(self) -> str:
        self._end_ruby()
        return "".join(self.parts)

    def _end_ruby(self) -> None:
        if self._ruby:
            self.parts.append(f"（{' '.join(self._ruby)}）")
            self._ruby = []


@dataclass
class _Field:
    """An open complex field."""

    instruction: str = ""
    in_result: bool = False
    had_result: bool = False
    form: str = ""  # what a form field shows without a result


class Lines:
    """Reads the paragraphs of one part in order (fields run over several)."""

    def __init__(self, root: Any, styles: Styles, *, margins: bool = False) -> None:
        """`margins`: it is a header or footer, whose page numbers are left out."""
        self._styles = styles
        self._margins = margins
        self._fields: list[_Field] = []
        self._struck_by_style = False  # the paragraph's
        # Type may be white where a picture or a coloured shape lies behind the text.
        self._backed = any(a.get("behindDoc") in ("1", "true") for a in root.iter(f"{_WP}anchor"))
        # Fields that no mark ends would swallow what follows them.
        self._begins = frozenset(_matched(root))

    def read(self, paragraphs: Sequence[Any]) -> Inline:
        """Several where the marks between them are deleted."""
        out = Inline()
        for paragraph in paragraphs:
            style = self._styles.of_paragraph(paragraph.find(f"{W}pPr"))
            self._struck_by_style = self._styles.strikes(style)
            self._inside(paragraph, out, self._styles.hides(style))
        return out

    def _inside(self, element: Any, out: Inline, hidden: bool) -> None:
        for child in element if self._margins else visible(element):
            if self._margins and child.tag not in (f"{W}r", f"{M}oMath", f"{M}oMathPara"):
                self._margin(child, out, hidden)
            elif child.tag == f"{W}r":
                self._run(child, out, hidden)
            elif child.tag in (f"{M}oMath", f"{M}oMathPara"):
                if self._shown():
                    out.add(formula(child).strip())
            elif child.tag == f"{W}pPr":
                continue

    def _margin(self, child: Any, out: Inline, hidden: bool) -> None:
        """As `visible`, without simple fields that count pages."""
        if child.tag == f"{W}fldSimple" and _PAGE_FIELD.match(child.get(f"{W}instr") or ""):
            return
        if child.tag in _WRAPPERS:
            self._inside(child, out, hidden)
        elif child.tag == f"{W}sdt":
            for content in child.findall(f"{W}sdtContent"):
                self._inside(content, out, hidden)
        elif child.tag == f"{MC}AlternateContent" and (chosen := alternative(child)) is not None:
            self._inside(chosen, out, hidden)

    def _run(self, run: Any, out: Inline, hidden: bool) -> None:
        properties = run.find(f"{W}rPr")
        font, raised = "", False
        if properties is not None:
            hidden = self._is_hidden(properties, hidden)
            position = properties.find(f"{W}vertAlign")
            raised = position is not None and position.get(f"{W}val") == "superscript"
            fonts = properties.find(f"{W}rFonts")
            font = fonts.get(f"{W}ascii") or "" if fonts is not None else ""
        if hidden and any(t.text and t.text.strip() for t in run.iter(f"{W}t")):
            out.hidden += 1
        is_struck = self._is_struck(properties)
        write = out.strike if is_struck else out.add
        for child in visible(run):
            tag = child.tag
            if tag == f"{W}fldChar":
                self._field(child, out, hidden)
            elif tag == f"{W}instrText":
                if self._fields and not self._fields[-1].in_result:
                    self._fields[-1].instruction += child.text or ""
            elif hidden or not self._shown():
                continue
            elif tag == f"{W}t":
                text = from_symbols(child.text or "", font)
                write((superscript(text) if raised else None) or text)
            elif tag in _BREAKS:
                out.add(_BREAKS[tag])
            elif tag == f"{W}sym":
                code = child.get(f"{W}char") or ""
                write(_symbol(code, child.get(f"{W}font") or font))
            elif tag == f"{W}ruby":
                if is_struck:
                    out.strike("".join(t.text or "" for t in child.iter(f"{W}t")))
                else:
                    self._ruby(child, out)
            elif tag in _REFERENCES:
                out.references.append((_REFERENCES[tag], child.get(f"{W}id") or ""))
            elif tag in _DRAWN:
                out.drawn.append(child)

    def _is_hidden(self, properties: Any, of_style: bool) -> bool:
        """Hiding is a switch: the styles' are combined, the run's own counts alone."""
        own = properties.find(f"{W}vanish")
        if own is not None:
            hidden = is_on(own, f"{W}val")
        else:
            style = properties.find(f"{W}rStyle")
            by_run = style is not None and self._styles.hides(style.get(f"{W}val") or "")
            hidden = by_run != of_style
        size = properties.find(f"{W}sz")
        tiny = size is not None and 0 <= integer(size.get(f"{W}val"), 99) <= _SMALLEST_TYPE
        return hidden or tiny or self._is_white_on_white(properties)

    def _is_white_on_white(self, properties: Any) -> bool:
        """White type on the page itself; in cells, boxes and titles it may stand on a colour."""
        colour = properties.find(f"{W}color")
        if colour is None or (colour.get(f"{W}val") or "").upper() != "FFFFFF" or self._backed:
            return False
        if properties.find(f"{W}highlight") is not None or _is_shaded(properties):
            return False
        for around in properties.iterancestors():
            if around.tag in _MAY_BE_COLOURED or around.find(f"{W}background") is not None:
                return False
            if around.tag == f"{W}p":
                own = around.find(f"{W}pPr")
                if self._styles.is_title(own) or self._styles.heading(own):
                    return False
                style = self._styles.chain(self._styles.of_paragraph(own))
                if _is_shaded(own) or any(
                    _is_shaded(each.find(f"{W}{kind}")) for each in style for kind in ("pPr", "rPr")
                ):
                    return False
        return True

    def _is_struck(self, properties: Any | None) -> bool:
        """What is crossed out by hand, which no tracked change tells of."""
        own = struck(properties)
        if own is not None:
            return own
        style = properties.find(f"{W}rStyle") if properties is not None else None
        by_run = style is not None and self._styles.strikes(style.get(f"{W}val") or "")
        return by_run != self._struck_by_style

    def _shown(self) -> bool:
        """Whether no open field is in its instruction (nor counts the pages of a header)."""
        for open_field in self._fields:
            if not open_field.in_result:
                return False
            if self._margins and _PAGE_FIELD.match(open_field.instruction):
                return False
        return True

    def _field(self, mark: Any, out: Inline, hidden: bool) -> None:
        kind = mark.get(f"{W}fldCharType")
        if kind == "begin" and mark in self._begins:
            self._fields.append(_Field(form=_form_field(mark.find(f"{W}ffData"))))
        elif kind == "separate" and self._fields:
            self._fields[-1].in_result = self._fields[-1].had_result = True
        elif kind == "end" and self._fields:
            closed = self._fields.pop()
            if hidden or not self._shown():
                return
            if closed.form and (not closed.had_result or closed.form in "☐☒"):
                out.add(closed.form)
            elif not closed.had_result:
                out.add(equation(closed.instruction))

    def _ruby(self, ruby: Any, out: Inline) -> None:
        texts = []
        for name in ("rubyBase", "rt"):
            inner = Inline()
            for part in ruby.findall(f"{W}{name}"):
                self._inside(part, inner, hidden=False)
            texts.append(inner.text())
        out.add_ruby(*texts)


def _is_shaded(properties: Any | None) -> bool:
    shade = properties.find(f"{W}shd") if properties is not None else None
    return shade is not None and (shade.get(f"{W}fill") or "auto").lower() not in ("auto", "ffffff")


def references_of(element: Any) -> set[tuple[NoteRef, str]]:
    """All notes that are referred to within an element, deleted or not."""
    return {
        (_REFERENCES[found.tag], found.get(f"{W}id") or "") for found in element.iter(*_REFERENCES)
    }


def _symbol(code: str, font: str) -> str:
    try:
        return symbol(int(code, 16), font)
    except ValueError:
        return ""


def _matched(root: Any) -> Iterator[Any]:
    """The begin marks of fields that are ended, among what is not deleted."""
    begun: list[Any] = []
    for mark in root.iter(f"{W}fldChar"):
        kind = mark.get(f"{W}fldCharType")
        if kind == "begin" and not any(a.tag in _DELETED for a in mark.iterancestors()):
            begun.append(mark)
        elif kind == "end" and begun and not any(a.tag in _DELETED for a in mark.iterancestors()):
            yield begun.pop()


def _form_field(data: Any | None) -> str:
    """What a check box or a list of an old form shows."""
    if data is None:
        return ""
    box, choices = data.find(f"{W}checkBox"), data.find(f"{W}ddList")
    if box is not None:
        checked = box.find(f"{W}checked")
        checked = box.find(f"{W}default") if checked is None else checked
        return "☒" if is_on(checked, f"{W}val") else "☐"
    if choices is not None:
        entries = [entry.get(f"{W}val") or "" for entry in choices.findall(f"{W}listEntry")]
        result = choices.find(f"{W}result")
        place = integer(result.get(f"{W}val")) if result is not None else 0
        return entries[place] if 0 <= place < len(entries) else ""
    return ""
