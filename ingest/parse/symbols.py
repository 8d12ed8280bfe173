"""Characters that files keep otherwise: as places of the fonts Symbol and Wingdings, or set raised."""

from collections.abc import Mapping

# Symbol, from 0x22 on, by Adobe's encoding of the font.
_SYMBOL: Mapping[int, str] = dict(
    enumerate(
        "∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
        0x22,
    )
) | dict(enumerate("€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑", 0xA0))
_WINGDINGS: Mapping[int, str] = {
    0x22: "✂", 0x28: "☎", 0x29: "✆", 0x2A: "✉", 0x36: "⌛", 0x4A: "☺", 0x4C: "☹", 0x4E: "☠",
    0x52: "☼", 0x6C: "●", 0x6D: "○", 0x6E: "■", 0x6F: "□", 0x70: "□", 0x71: "❑", 0x72: "❒",
    0x73: "⬧", 0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "☒", 0x9F: "•", 0xA1: "○",
    0xA7: "▪", 0xA8: "□", 0xAB: "★", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓",
    0xE8: "➔", 0xEF: "⇐", 0xF0: "⇒", 0xF1: "⇑", 0xF2: "⇓", 0xF3: "⇔", 0xFB: "✗", 0xFC: "✓",
    0xFD: "☒", 0xFE: "☑",
} | {0x80 + n: sign for n, sign in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")}  # fmt: skip
_WINGDINGS_2: Mapping[int, str] = {
    0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□",
}  # fmt: skip
_RAISED: Mapping[str, str] = dict(zip("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", strict=True))
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2}


def symbol(code: int, font: str) -> str:
    """The character at `code` (or 0xF000 + code) of the font; '' if it is not known."""
    table = _FONTS.get(font.strip().lower())
    if table is not None:
        return table.get(code & 0xFF, "") if code <= 0xFF or code >= 0xF000 else chr(code)
    return "" if 0xE000 <= code <= 0xF8FF or not 0 < code < 0x110000 else chr(code)


def from_symbols(text: str, font: str) -> str:
    """Text set in one of these fonts, in usual characters; other text as it is."""
    if font.strip().lower() not in _FONTS:
        return text
    return "".join(symbol(ord(sign), font) or sign for sign in text)


def superscript(text: str) -> str | None:
    """A raised number or sign as the characters for it (10⁻³, m², a note's ³), since on the line
    it would be part of the number before it; None for what has none."""
    raised = "".join(text.split()).replace("\N{MINUS SIGN}", "-").replace("–", "-")
    if not raised or any(sign not in _RAISED for sign in raised):
        return None
    return "".join(_RAISED[sign] for sign in raised)
