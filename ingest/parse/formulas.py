"""Formulas of Office files (OMML, ECMA-376 part 1, 22.1) as one line of readable text."""

from typing import Any

import regex

from ingest.parse.ooxml import MC, M, W, alternative

_MARKS = {
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "¯",
    "\u0305": "¯",
}  # drawn above; stay with the letter
# A switch of an EQ field with its options, whose arguments hold no other.
_SWITCH = regex.compile(
    r"\\([abdfilorsx])((?:\s*\\(?:[a-z]{2}\s?\d{0,4}|[^a-z\s]))*)\s*\(([^()\\]*)\)",
    regex.IGNORECASE,
)
_FORMAT = regex.compile(r"\\\*\s*(?:\"[^\"]{0,100}\"|\S{1,40})")
_MOST_SWITCHES = 50  # within each other
_OPEN, _CLOSED = "\ue000", "\ue001"  # brackets of what has been written
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


def equation(instruction: str) -> str:
    """What an EQ field of Word shows, by its instruction: 'EQ \\f(1,2)' is 1/2; '' for another field."""
    kind, _, rest = instruction.strip().partition(" ")
    if kind.upper() != "EQ":
        return ""
    text = _FORMAT.sub("", rest)
    for _ in range(_MOST_SWITCHES):
        text, count = _SWITCH.subn(_switch, text)
        if not count:
            break
    return text.replace(_OPEN, "(").replace(_CLOSED, ")").strip()


def _switch(found: regex.Match[str]) -> str:
    name, options, inner = found[1].lower(), found[2].lower(), found[3]
    parts = [part.strip() for part in regex.split("[,;]", inner)]
    if name == "f" and len(parts) == 2:
        return f"{_closed(parts[0])}/{_closed(parts[1])}"
    if name == "r":
        sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(parts[0] if len(parts) > 1 else "")
        return f"{sign or f'{parts[0]}√'}{_OPEN}{parts[-1]}{_CLOSED}"
    if name == "s":
        mark = "^" if "\\up" in options else "_" if "\\do" in options else ""
        return f"{mark}{_closed(inner.strip())}"
    if name == "o":  # signs drawn over each other, as ③ is made
        return parts[-1]
    if name == "i":
        limits = [*parts, "", ""]
        return f"∫_{_closed(limits[0])}^{_closed(limits[1])} {limits[2]}"
    if name == "b":
        return f"{_OPEN}{inner}{_CLOSED}"
    return "" if name == "d" else " ".join(parts)


def _closed(text: str) -> str:
    return text if len(text) == 1 or text.isalnum() else f"{_OPEN}{text}{_CLOSED}"
