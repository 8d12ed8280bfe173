"""PDF files written byte by byte, for what no library writes."""

from collections.abc import Sequence
from pathlib import Path


def raw_pdf(path: Path, objects: Sequence[bytes]) -> Path:
    """A file of these objects, numbered from 1; the first is the catalog."""
    data = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    data += b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table) + (
        b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(data))
    )
    path.write_bytes(data)
    return path


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(data), entries, data)


def without_meanings(path: Path, texts: Sequence[str]) -> Path:
    """A page for each text, in a font that does not say which letter a glyph is: the codes are
    the glyphs' numbers, as of a subset in the order of ASCII from 3 on. '' makes a page of text
    that can be read."""
    kids = b" ".join(b"%d 0 R" % (7 + 2 * n) for n in range(len(texts)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(texts)),
        b"<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+X/Encoding/Identity-H/DescendantFonts[4 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+X/FontDescriptor 5 0 R/DW 600"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        b"<</Type/FontDescriptor/FontName/ABCDEF+X/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0"
        b"/Ascent 800/Descent -200/CapHeight 700/StemV 80>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n, text in enumerate(texts):
        codes = b"".join(b"%04x" % (ord(c) - 29) for c in text)
        drawn = (
            b"/F1 12 Tf 60 700 Td <%b> Tj" % codes
            if text
            else (b"/F2 12 Tf 60 700 Td (This page can be read as it stands.) Tj")
        )
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R/F2 6 0 R>>>>>>" % (8 + 2 * n),
            stream(b"BT %b ET" % drawn),
        ]
    return raw_pdf(path, objects)


def nested_forms(path: Path, levels: int, times: int) -> Path:
    """Forms of which each draws the next `times` times."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>>>",
        stream(b"BT /F1 12 Tf 60 700 Td (Some words of text.) Tj ET " + b"/X Do " * times),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<<%b>>"
    for level in range(levels - 1):
        inner = b"/XObject<</X %d 0 R>>" % (7 + level)
        objects.append(stream(b"/X Do " * times, form % inner))
    objects.append(stream(b"0 0 m 5 5 l S", form % b""))
    return raw_pdf(path, objects)


def leftward(path: Path, lines: Sequence[Sequence[tuple[int, str]]]) -> Path:
    """A page of Hebrew as programs draw it: letters from the left, in the order in which they are
    seen. Each line is of (where it ends on the right, text in the order in which it is read)."""
    letters = sorted({c for line in lines for _, text in line for c in text if ord(c) > 0x7F})
    codes = {letter: 0x80 + n for n, letter in enumerate(letters)}
    meanings = b"".join(b"<%02x> <%04x>\n" % (codes[c], ord(c)) for c in letters)
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"%d beginbfchar\n%bendbfchar endcmap end end" % (len(letters), meanings)
    )
    drawn = b"/F1 12 Tf\n"
    for n, line in enumerate(lines):
        for right, text in line:
            words = [w if w.isascii() else w[::-1] for w in _seen(text)]
            shown = b"".join(b"%02x" % codes.get(c, ord(c)) for c in " ".join(words))
            left = right - 6 * len(shown) // 2
            drawn += b"1 0 0 1 %d %d Tm <%b> Tj\n" % (left, 700 - 16 * n, shown)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        stream(b"BT %b ET" % drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier/ToUnicode 6 0 R/FirstChar 32/LastChar 255"
        b"/Widths[%b]>>" % (b"500 " * 224),
        stream(cmap),
    ]
    return raw_pdf(path, objects)


def _seen(text: str) -> list[str]:
    """The words from the left as they are seen: those of Latin keep their order."""
    words: list[str] = []
    latin: list[str] = []
    for word in text.split(" "):
        if word.isascii():
            latin.append(word)
        else:
            words[:0] = [word, *latin]
            latin = []
    return [*latin, *words]


def drawn_glyphs(path: Path, fonts: Sequence[tuple[str, int, int]], content: bytes) -> Path:
    """A page in fonts /F1, /F2, … whose glyphs the file draws (Type 3), as browsers print fonts that they cannot
    embed. Each is of (its characters, from 'A' on by their codes; lowest and highest place of them, of 1000)."""
    names = b"".join(b"/F%d %d 0 R" % (n + 1, 5 + 3 * n) for n in range(len(fonts)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<<%b>>>>>>"
        % names,
        stream(content),
    ]
    for n, (chars, low, high) in enumerate(fonts):
        codes = range(65, 65 + len(chars))
        glyph = stream(b"600 0 0 %d 600 %d d1 0 %d 500 %d re f" % (low, high, low, high - low))
        mapped = b"".join(
            b"<%02x><%b>" % (code, char.encode("utf-16-be").hex().encode())
            for code, char in zip(codes, chars, strict=True)
        )
        objects += [
            b"<</Type/Font/Subtype/Type3/FontBBox[0 %d 600 %d]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 65/LastChar %d"
            b"/Widths[%b]/CharProcs<</g %d 0 R>>/Encoding<</Type/Encoding/Differences[65%b]>>/ToUnicode %d 0 R>>"
            % (
                low,
                high,
                codes[-1],
                b"600 " * len(chars),
                6 + 3 * n,
                b"/g" * len(chars),
                7 + 3 * n,
            ),
            glyph,
            stream(
                b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CMapName/X def/CMapType 2 def"
                b" 1 begincodespacerange<00><ff>endcodespacerange %d beginbfchar %b endbfchar"
                b" endcmap end end" % (len(chars), mapped)
            ),
        ]
    return raw_pdf(path, objects)
