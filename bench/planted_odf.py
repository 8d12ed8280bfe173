"""OpenDocument sheets and presentations with planted facts."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from bench.planted import Planter

_SPACES = {
    "office": "office", "text": "text", "table": "table", "draw": "drawing", "presentation": "presentation",
    "style": "style",
}  # fmt: skip


def ods(path: Path, plan: Planter) -> None:
    """Sheets with a title above the header, merged cells and a comment."""
    facts = [plan.number("table") for _ in range(3)]
    note = f"<office:annotation>{_p(plan.fact('comment').sentence)}</office:annotation>"
    named = _row(_cell(plan.head()), *(_cell(fact.thing) for fact in facts))
    held = _row(_cell(plan.place, inner=note), *(_number(fact.value) for fact in facts))
    first = _row(_cell(plan.title())) + _row(_cell("")) + named + held
    below = [plan.number("merged cells") for _ in range(2)]
    upper = _row(
        _cell(plan.head(), 'table:number-rows-spanned="2"'),
        _cell("2026", 'table:number-columns-spanned="2"'),
        "<table:covered-table-cell/>",
    )
    lower = _row("<table:covered-table-cell/>", *(_cell(fact.thing) for fact in below))
    values = _row(_cell(plan.place), *(_cell(fact.value) for fact in below))
    sheets = (first, upper + lower + values)
    body = "".join(
        f'<table:table table:name="{plan.heading(number)}">{rows}</table:table>'
        for number, rows in enumerate(sheets, 1)
    )
    _write(path, "spreadsheet", body)


def odp(path: Path, plan: Planter) -> None:
    """Slides with text, a group, a table, notes and a comment."""
    pages = [_page(plan, _frame(plan.fact("body").sentence))]
    group = _frame(plan.fact("group").sentence)
    pages.append(_page(plan, f"<draw:g>{_frame(plan.filler())}{group}</draw:g>"))
    cell = plan.number("table")
    rows = _row(_cell(plan.head()), _cell(cell.thing)) + _row(_cell(plan.place), _cell(cell.value))
    pages.append(_page(plan, f"<draw:frame><table:table>{rows}</table:table></draw:frame>"))
    notes = _frame(plan.fact("notes").sentence, "notes")
    pages.append(
        _page(plan, f"{_frame(plan.filler())}<presentation:notes>{notes}</presentation:notes>")
    )
    note = f"<office:annotation>{_p(plan.fact('comment').sentence)}</office:annotation>"
    pages.append(_page(plan, _frame(plan.filler()) + note))
    _write(path, "presentation", "".join(pages))


def _page(plan: Planter, shapes: str) -> str:
    return f"<draw:page>{_frame(plan.title(), 'title')}{shapes}</draw:page>"


def _frame(text: str, kind: str = "outline") -> str:
    box = f"<draw:text-box>{_p(text)}</draw:text-box>"
    return f'<draw:frame presentation:class="{kind}">{box}</draw:frame>'


def _p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def _row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell(text: str, says: str = "", inner: str = "") -> str:
    return f"<table:table-cell {says}>{inner}{_p(text) if text else ''}</table:table-cell>"


def _number(value: str) -> str:
    return _cell(value, f'office:value-type="float" office:value="{value}"')


def _write(path: Path, kind: str, body: str) -> None:
    spaces = " ".join(
        f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in _SPACES.items()
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        file.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        file.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:{kind}>{body}</office:{kind}>"
            "</office:body></office:document-content>",
        )
