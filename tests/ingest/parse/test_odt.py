"""OpenDocument texts: all that a writer shows, and only that."""

from pathlib import Path

from ingest.parse import Note, ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, section_of
from tests.ingest.parse.make import zipped

_NAMES = {
    "office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
    "svg": "svg-compatible",
}  # fmt: skip
SPACES = " ".join(
    f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for key, name in _NAMES.items()
)
SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'


def read(
    folder: Path, body: str, *, automatic: str = "", styles: str = "", **parts: str
) -> ParsedDocument:
    members = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {SPACES}><office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
        "styles.xml": f"<office:document-styles {SPACES}>{styles}</office:document-styles>",
        **{name.replace("__", "/"): content for name, content in parts.items()},
    }
    parsed = parse(zipped(folder / "a.odt", members), limits=LIMITS)
    check_blocks(parsed)
    return parsed


def lines(parsed: ParsedDocument) -> list[str]:
    return [line for line in parsed.text.split("\n") if line]


def p(text: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def test_changes_are_read_as_accepted(tmp_path: Path) -> None:
    changes = f"<text:tracked-changes><text:changed-region><text:deletion>{p('gone')}</text:deletion></text:changed-region></text:tracked-changes>"
    body = changes + p("Rent is <text:change/><text:change-start/>95<text:change-end/> crowns.")
    assert lines(read(tmp_path, body)) == ["Rent is 95 crowns."]


def test_notes_comments_and_boxes_follow_their_paragraph(tmp_path: Path) -> None:
    def note(kind: str, mark: str, text: str) -> str:
        return (
            f'<text:note text:note-class="{kind}"><text:note-citation>{mark}</text:note-citation>'
            f"<text:note-body>{p(text)}</text:note-body></text:note>"
        )

    comment = (
        f"<office:annotation><dc:creator>Li</dc:creator>{p('Check this.')}</office:annotation>"
    )
    box = f"<draw:frame><draw:text-box>{p('In a box.')}</draw:text-box></draw:frame>"
    cell = f"<table:table-cell>{p('b' + note('footnote', '2', 'Of a cell.'))}</table:table-cell>"
    body = (
        p("One" + note("footnote", "1", "Half size.") + ".")
        + p("Two" + comment + box)
        + p("三" + note("endnote", "i", "见附录。"))
        + f"<table:table><table:table-row><table:table-cell>{p('a')}</table:table-cell>{cell}</table:table-row></table:table>"
    )
    assert lines(read(tmp_path, body)) == [
        "One.", "Footnote 1: Half size.", "Two", "Comment (Li): Check this.", "In a box.", "三",
        "尾注 i：见附录。", "| a | b |", "Footnote 2: Of a cell.",
    ]  # fmt: skip


def test_numbers_of_lists_and_headings(tmp_path: Path) -> None:
    automatic = (
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="一, 二, 三, ..." '
        'style:num-prefix="第" style:num-suffix="条"/><text:list-level-style-number text:level="2" style:num-format="1" '
        'style:num-suffix=")"/></text:list-style>'
        '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/></text:list-style>'
    )
    outline = (
        '<office:styles><text:outline-style><text:outline-level-style text:level="1" style:num-format="1"/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style></office:styles>'
    )
    item = "<text:list-item>{}</text:list-item>"
    inner = f"<text:list>{item.format(p('x'))}{item.format(p('y'))}</text:list>"
    body = (
        '<text:h text:outline-level="1">Pumps</text:h><text:h text:outline-level="2">Seals</text:h>'
        f'<text:list text:style-name="L">{item.format(p("甲"))}{item.format(p("乙") + inner)}</text:list>'
        f'<text:list text:style-name="L" text:continue-numbering="true">{item.format(p("丙"))}</text:list>'
        f'<text:list text:style-name="B">{item.format(p("dot"))}</text:list>'
        '<text:h text:outline-level="1">Tanks</text:h>'
    )
    assert lines(read(tmp_path, body, automatic=automatic, styles=outline)) == [
        "1 Pumps", "1.1 Seals", "第一条 甲", "第二条 乙", "  1) x", "  2) y", "第三条 丙", "- dot", "2 Tanks",
    ]  # fmt: skip


def test_hidden_text_titles_and_margins(tmp_path: Path) -> None:
    automatic = '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
    styles = (
        '<office:styles><style:style style:name="Title"/><style:style style:name="Big" style:parent-style-name="Title"/></office:styles>'
        "<office:master-styles><style:master-page><style:header>" + p("Valid from May") + "</style:header><style:footer>"
        + p("Page <text:page-number>3</text:page-number>") + "</style:footer></style:master-page><style:master-page><style:header>"
        + p("Valid from May") + "</style:header></style:master-page></office:master-styles>"
    )  # fmt: skip
    body = p("Handbook", "Big") + p('Seen<text:span text:style-name="H">secret</text:span>.')
    parsed = read(tmp_path, body, automatic=automatic, styles=styles)
    assert lines(parsed) == ["Handbook", "Seen.", "Header: Valid from May"]
    assert parsed.title == "Handbook"
    assert section_of(parsed, "Header:") == ()
    assert parsed.notes == (Note("hidden"),)


def test_merged_cells(tmp_path: Path) -> None:
    def cell(text: str, extra: str = "") -> str:
        return f"<table:table-cell {extra}>{p(text)}</table:table-cell>"

    covered = "<table:covered-table-cell/>"
    rows = (
        cell("Hall", 'table:number-rows-spanned="2"') + cell("2026", 'table:number-columns-spanned="2"') + covered,
        covered + cell("Plan") + cell("Actual"),
        cell("North", 'table:number-rows-spanned="2"') + cell("3") + cell("4"),
        covered + cell("5") + cell("6"),
    )  # fmt: skip
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    assert lines(read(tmp_path, f"<table:table>{table}</table:table>")) == [
        "| Hall | 2026 Plan | 2026 Actual |", "| North | 3 | 4 |", "| North | 5 | 6 |",
    ]  # fmt: skip


def test_pictures_objects_and_formulas(tmp_path: Path) -> None:
    math = '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mi>x</mi><annotation>E = m c^2</annotation></semantics></math>'
    frames = (
        '<draw:frame><draw:image xlink:href="Pictures/a.svg"/><svg:desc>Floor plan</svg:desc></draw:frame>'
        '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
        '<draw:frame><draw:object-ole xlink:href="./Object 2"/></draw:frame>'
    )
    parsed = read(tmp_path, p("Text" + frames), **{"Object 1/content.xml": math})
    assert lines(parsed) == ["Text", "Picture: Floor plan", "E = m c^2"]
    assert parsed.notes == (
        Note("picture", 1, "Pictures/a.svg"),
        Note("embedded_file", 1, "Object 2"),
    )
