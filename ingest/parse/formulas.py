"""Formulas of Office files (OMML, ECMA-376 part 1, 22.1) as one line of readable text."""

from typing import Any

from ingest.parse.ooxml import MC, M, W, alternative

_MARKS = {
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "¯",
    "\u0305": "¯",
}  # drawn above; stay with the letter
_SKIPPED = frozenset((f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText"))


def formula(element: Any) -> str:
    """The text of an m:oMath, m:oMathPara or a part of one: (a+b)/(2), x^2, √(x), ∑_(i=1)^n i."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _SKIPPED or tag.endswith("Pr"):
        return ""
    if tag == f"{MC}AlternateContent":
        chosen = alternative(element)
        return "" if chosen is None else _inside(chosen)
    if tag == f"{M}r":
        if element.find(f"{W}rPr/{W}del") is not None:
            return ""
        return "".join(child.text or "" for child in element.iter(f"{M}t", f"{W}t"))
    if tag in (f"{M}t", f"{W}t"):
        return element.text or ""
    write = _WRITERS.get(tag.removeprefix(M))
    return write(element) if write else _inside(element)


def _inside(element: Any) -> str:
    return "".join(formula(child) for child in element)


def _part(element: Any, name: str) -> str:
    child = element.find(f"{M}{name}")
    return _inside(child).strip() if child is not None else ""


def _grouped(text: str) -> str:
    """In brackets, but for one letter or number."""
    return text if len(text) == 1 or text.isalnum() else f"({text})" if text else ""


def _property(element: Any, name: str, default: str) -> str:
    properties = element.find(f"{M}{element.tag.removeprefix(M)}Pr")
    found = properties.find(f"{M}{name}") if properties is not None else None
    return found.get(f"{M}val") or "" if found is not None else default


def _fraction(element: Any) -> str:
    kind = _property(element, "type", "bar")
    mark = {"noBar": " ; "}.get(kind, "/")
    over, under = _part(element, "num"), _part(element, "den")
    return f"{_grouped(over)}{mark}{_grouped(under)}"


def _root(element: Any) -> str:
    degree = _part(element, "deg")
    sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree)
    return f"{sign or f'{degree}√'}({_part(element, 'e')})"


def _scripts(element: Any) -> str:
    below, above = _part(element, "sub"), _part(element, "sup")
    text = (f"_{_grouped(below)}" if below else "") + (f"^{_grouped(above)}" if above else "")
    base = _part(element, "e")
    return text + base if element.tag == f"{M}sPre" else _base(base) + text


def _base(text: str) -> str:
    return f"({text})" if any(sign in text for sign in "+-/ ") and text[-1:] not in ")]}|" else text


def _nary(element: Any) -> str:
    below, above = _part(element, "sub"), _part(element, "sup")
    limits = (f"_{_grouped(below)}" if below else "") + (f"^{_grouped(above)}" if above else "")
    return f"{_property(element, 'chr', '∫')}{limits} {_part(element, 'e')}"


def _delimited(element: Any) -> str:
    begin, end = _property(element, "begChr", "("), _property(element, "endChr", ")")
    mark = _property(element, "sepChr", "|")
    parts = (_inside(child).strip() for child in element.findall(f"{M}e"))
    return f"{begin}{mark.join(parts)}{end}"


def _function(element: Any) -> str:
    inner = _part(element, "e")
    return f"{_part(element, 'fName')}{inner if inner[:1] in '([{|' else f' {inner}'}"


def _limit(element: Any) -> str:
    mark = "_" if element.tag == f"{M}limLow" else "^"
    return f"{_part(element, 'e')}{mark}{_grouped(_part(element, 'lim'))}"


def _matrix(element: Any) -> str:
    rows = (
        ", ".join(_inside(cell).strip() for cell in row.findall(f"{M}e"))
        for row in element.findall(f"{M}mr")
    )
    return f"[{'; '.join(rows)}]"


def _lines(element: Any) -> str:
    return "; ".join(_inside(line).strip() for line in element.findall(f"{M}e"))


def _accent(element: Any) -> str:
    base, sign = _part(element, "e"), _property(element, "chr", "\u0302")
    return base + (sign if len(base) == 1 else _MARKS.get(sign, sign))


def _paragraph(element: Any) -> str:
    return "\n".join(_inside(line).strip() for line in element.iter(f"{M}oMath"))


_WRITERS = {
    "f": _fraction,
    "rad": _root,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "sPre": _scripts,
    "nary": _nary,
    "d": _delimited,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "m": _matrix,
    "eqArr": _lines,
    "acc": _accent,
    "oMathPara": _paragraph,
}
