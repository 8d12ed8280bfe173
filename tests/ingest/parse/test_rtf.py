"""Rich text: what Word shows of it, its notes and margins apart."""

from pathlib import Path

from ingest.parse import Note, ParsedDocument
from tests.ingest.parse.helpers import check_blocks, outline, parse_text, section_of

FONTS = "{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset134 SimSun;}{\\f2\\fcharset2 Symbol;}}"


def read(folder: Path, body: str) -> ParsedDocument:
    parsed = parse_text(folder, "a.rtf", f"{{\\rtf1\\ansi\\ansicpg1252\\uc1{FONTS}{body}}}")
    check_blocks(parsed)
    return parsed


def texts(parsed: ParsedDocument) -> list[str]:
    return [text for _, text in outline(parsed)]


def test_hidden_and_deleted_text_is_left_out_and_noted(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        "Kept {\\v hidden}one.\\par Kept {\\deleted gone }two.\\par\\v away\\v0 three.\\par",
    )
    assert texts(parsed) == ["Kept one.", "Kept two.", "three."]
    assert parsed.notes == (Note("hidden", 3),)


def test_notes_comments_and_boxes_follow_their_paragraph(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        "Pallets{\\super\\chftn}{\\footnote\\pard {\\super\\chftn} Half ones count 0.4.\\par} are charged.\\par"
        "{\\*\\atnauthor Bo}{\\*\\annotation{\\*\\atnref 1}\\pard Check this.\\par}Commented.\\par"
        "{\\shp{\\*\\shpinst{\\sp{\\sn a}{\\sv 1}}{\\shptxt In a box.\\par}}{\\shprslt Again.\\par}}Beside it.\\par",
    )
    assert texts(parsed) == [
        "Pallets are charged.", "Footnote 1: Half ones count 0.4.", "Commented.",
        "Comment (Bo): Check this.", "Beside it.", "In a box.",
    ]  # fmt: skip


def test_margins_stand_at_the_end_once_without_page_numbers(tmp_path: Path) -> None:
    field = "{\\field{\\*\\fldinst PAGE}{\\fldrslt 3}}"
    parsed = read(
        tmp_path,
        "{\\headerl Valid from 1 May 2026\\par}{\\headerr Valid from 1 May 2026\\par}"
        f"{{\\footer Page {field}\\par}}The body.\\par",
    )
    assert texts(parsed) == ["The body.", "Header: Valid from 1 May 2026"]


def test_tables_keep_their_notes_and_what_cells_hold(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        "\\pard\\intbl\\trowd\\cellx1\\cellx2 Part\\cell No\\cell\\row Bolt{\\footnote Of steel.}\\par M8\\cell"
        " 00412\\cell\\row\\pard After.\\par",
    )
    assert outline(parsed) == [
        ("table_row", "| Part | No |"),
        ("table_row", "| Bolt M8 | 00412 |"),
        ("paragraph", "Footnote 1: Of steel."),
        ("paragraph", "After."),
    ]


def test_letters_of_every_kind(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        "\\f1\\'ce\\'c2\\'b6\\'c8\\f0  caf\\'e9 \\u28201?\\u24230? \\u-10179?\\u-8704? a\\~b\\_c\\emdash d\\{x\\}"
        " 10{\\super -3} {\\f2 \\'61}\\par{\\listtext\\f2\\'b7\\tab}one\\par{\\pntext 3.\\tab}three\\par",
    )
    assert texts(parsed) == ["温度 café 温度 😀 a b-c—d{x} 10⁻³ α", "- one", "3. three"]


def test_what_stands_in_the_file_and_is_no_text(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        "{\\info{\\title The title}{\\author Ann}}{\\*\\unknown secret}{\\pict\\pngblip 89504e47}"
        "{\\object{\\*\\objdata 0105}{\\result Shown of it}}\\bin4 {}}x Text\\par",
    )
    assert texts(parsed) == ["Shown of it Text"]
    assert (parsed.title, parsed.metadata["author"]) == ("The title", "Ann")
    assert parsed.notes == (Note("picture"), Note("embedded_file"))


def test_headings_are_those_of_the_outline(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        r"{\rtf1{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s2\outlinelevel1 heading 2;}}"
        r"\pard\s1 Rent and deposit of the flat\par\pard\s2 Deposit\par\pard\s0 Three months of rent\par"
        r"\pard\s1 Keys\par\pard\s0 Two of them\par}",
    )
    headings = [
        (text, b.level) for b in parsed.blocks if b.kind == "heading" for text in b.section[-1:]
    ]
    assert headings == [("Rent and deposit of the flat", 1), ("Deposit", 2), ("Keys", 1)]
    assert section_of(parsed, "Three months") == ("Rent and deposit of the flat", "Deposit")


def test_without_an_outline_headings_stand_out(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        r"{\rtf1\pard\fs36 Lease\par\pard\fs22 Rent is 120 euros a month, heating included.\par"
        r"\pard Second page\par\pard{\pntext\f1 1.\tab}First item\par\pard\b Keys\b0\par\pard Two of them.\par}",
    )
    assert [(kind, text) for kind, text in outline(parsed) if kind != "paragraph"] == [
        ("heading", "Lease"),
        ("list_item", "1. First item"),
        ("heading", "Keys"),
    ]
