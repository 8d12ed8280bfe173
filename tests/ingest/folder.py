"""A folder of files of every format, with hostile ones among them."""

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from docx import Document
from openpyxl import Workbook
from pptx import Presentation

from tests.ingest.parse import make
from tests.ingest.parse.packages import p, word
from tests.ingest.parse.pictures import mixed_pdf, picture
from tests.ingest.parse.test_ofd import frame, ofd, page
from tests.ingest.parse.test_ofd import text as placed

# Read as they are: the sentence stands in the file's own text.
TEXTS = {
    "plain.txt": "{}\n", "notes.md": "# 标题\n\n{}\n", "readme.markdown": "Intro.\n\n- {}\n",
    "front.md": "---\ntags: [one]\n---\n{}\n", "page.html": "<html><body><p>{}</p></body></html>",
    "page.htm": "<!doctype html><title>t</title><h1>页</h1><p>{}</p>", "page.xhtml": "<html><body><div>{}</div></body></html>",
    "table.csv": "名称,说明\n甲,{}\n乙,无\n", "table.tsv": "name\tnote\na\t{}\nb\tnone\n",
    "data.json": '{{"items": [{{"name": "a", "note": "{}"}}, {{"name": "b", "note": "none"}}]}}',
    "rows.jsonl": '{{"name": "a", "note": "{}"}}\n{{"name": "b", "note": "none"}}\n',
    "rows.ndjson": '{{"note": "{}"}}\n', "letter.rtf": "{{\\rtf1\\ansi {}\\par}}",
    "notes.rtf": "{{\\rtf1\\ansi\\ansicpg936{{\\fonttbl{{\\f0\\fcharset134 S;}}}}{{\\header H\\par}}\\trowd\\cellx1 A\\cell\\row"
    " \\f0\\'ce\\'c2{{\\footnote {}\\par}}\\par {{\\v h}}{{\\listtext 1.\\tab}}{{\\pict 00}}10{{\\super 3}}\\par}}",
    "mail.eml": "From: a@example.org\nTo: b@example.org\nSubject: note\nContent-Type: text/plain; charset=utf-8\n\n{}\n",
    "archive.mbox": "From a@example.org Tue Mar  3 10:00:00 2026\nFrom: a@example.org\nSubject: one\n\n{}\n\n"
    "From b@example.org Tue Mar  3 11:00:00 2026\nFrom: b@example.org\nSubject: two\n\nNothing.\n",
    "code.py": 'def note() -> str:\n    """{}"""\n    return ""\n', "code.js": "// {}\nfunction note() {{}}\n",
    "code.ts": "// {}\nexport const x = 1;\n", "code.java": "/* {} */\nclass Note {{}}\n", "code.c": "/* {} */\nint main(void) {{ return 0; }}\n",
    "code.go": "// {}\npackage main\n", "code.rs": "// {}\nfn main() {{}}\n", "code.sql": "-- {}\nSELECT 1;\n",
    "code.sh": "# {}\necho ok\n", "code.css": "/* {} */\np {{ color: red }}\n", "conf.yaml": "note: {}\n",
    "conf.toml": 'note = "{}"\n', "conf.ini": "[a]\nnote = {}\n", "conf.xml": "<a><!-- {} --></a>\n", "Makefile": "# {}\nall:\n",
    "Dockerfile": "# {}\nFROM scratch\n", "无后缀": "{}\n", "空 格 name.txt": "{}\n", "emoji👩‍👩‍👧.txt": "{}\n",
    "换\n行.txt": "{}\n", "-rf.txt": "{}\n", "100%?#.txt": "{}\n", "深/层/目/录/文件.txt": "{}\n",
    "html named.txt": "<!doctype html><html><body><p>{}</p></body></html>",
    "contract.doc": f'<?xml version="1.0"?><w:wordDocument xmlns:w="{make.WORD_2003}"><w:lists/><w:body><w:p><w:r><w:t>{{}}'
    "</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl><w:sectPr/></w:body></w:wordDocument>",
    "text.fodt": '<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:mimetype="application/vnd.oasis.opendocument.text">'
    "<office:body><office:text><text:p>{}</text:p></office:text></office:body></office:document>",
    "nested.html": "<html><body>" + "<div>" * 300 + "<p>{}</p>" + "</div>" * 300 + "</body></html>",
    "long line.txt": "{} " + "还有很长的一行没有换行，" * 20_000,
}  # fmt: skip
ENCODED = {
    "gbk.txt": "gbk", "gb18030.txt": "gb18030", "bom.txt": "utf-8-sig", "utf16.txt": "utf-16",
    "utf16le.txt": "utf-16-le", "utf16be.txt": "utf-16-be", "utf32.txt": "utf-32", "gbk.csv": "gbk", "gbk.md": "gb18030",
}  # fmt: skip
HOSTILE = {  # and the code of the failure that names it
    "truncated.docx": "document_corrupt", "truncated.xlsx": "document_corrupt", "locked.pdf": "document_encrypted",
    "locked.docx": "document_encrypted", "locked.epub": "document_encrypted", "bomb.docx": "document_too_large",
    "bomb.png": "document_too_large", "one line of 50 MB.txt": "document_too_large", "old.doc": "format_unsupported",
    "text named.docx": "document_corrupt", "text named.pdf": "document_corrupt", "empty.txt": "document_without_text",
    "blank.pdf": "document_without_text", "deep.json": "document_corrupt", "broken.jsonl": "document_corrupt",
    "broken metadata.txt": "sidecar_invalid",
}  # fmt: skip
PASSED_OVER = {  # and why they are no documents
    "program.txt": "program", "nested.zip": "archive", "packed.txt.gz": "archive", "Thumbs.db": "system_file",
    ".DS_Store": "system_file", "~$letter.docx": "lock_file", "loop": "link", "dangling.txt": "link",
}  # fmt: skip


def sentence(n: int) -> str:
    """A sentence that stands in one file only, and can be found by its number."""
    return f"编号为 {70_000 + 37 * n} 的设备存放在三号仓库，由值班员保管。"


def make_folder(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Fill `folder`; returns the sentence of each good file and the code for each bad one."""
    folder.mkdir(parents=True)
    good: dict[str, str] = {}

    def place(name: str) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def new(name: str) -> str:
        good[name] = sentence(len(good))
        return good[name]

    for name, template in TEXTS.items():
        text = new(name)
        if name.endswith(".rtf"):
            text = "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in text)
        place(name).write_text(template.format(text), encoding="utf-8")
    for name, encoding in ENCODED.items():
        text = f"名称,说明\n甲,{new(name)}\n" if name.endswith(".csv") else new(name)
        place(name).write_bytes(text.encode(encoding))
    good["big5.txt"] = "編號為 69999 的設備存放在三號倉庫，由值班員保管。"
    place("big5.txt").write_bytes(good["big5.txt"].encode("big5"))
    for name, maker in OFFICE.items():
        maker(place(name), new(name))
    inner = {"说明.txt": new("archive.zip/说明.txt"), "nested.zip": "PK"}
    make.zipped(folder / "archive.zip", inner)
    _hostile(folder)
    return good, HOSTILE


def _docx(path: Path, text: str) -> None:
    document = Document()
    document.add_heading("标题", 1)
    document.add_paragraph(text)
    document.save(str(path))


def _pptx(path: Path, text: str) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "标题"
    slide.placeholders[1].text = text
    deck.save(str(path))


def _xlsx(path: Path, text: str) -> None:
    book = Workbook()
    for row in (("名称", "说明"), ("甲", text), ("乙", "无")):
        book.active.append(row)
    with path.open("wb") as file:  # by its name alone openpyxl would refuse some
        book.save(file)


def _flat(path: Path, text: str) -> None:
    whole = path.with_suffix(".whole")
    word(whole, p("内容：", text))
    path.write_text(make.flat(whole), encoding="utf-8")
    whole.unlink()


def _big_cell(path: Path, text: str) -> None:
    """A cell as long as Excel allows."""
    words = " ".join(f"{n}" for n in range(5_000))
    _xlsx(path, f"{text} {words}"[:32_767])


def _with(maker: Callable[[Path], Path], old: str, member: str) -> Callable[[Path, str], None]:
    """A container whose member says something else."""

    def make_it(path: Path, text: str) -> None:
        maker(path)
        with zipfile.ZipFile(path) as file:
            members = {name: file.read(name) for name in file.namelist()}
        members[member] = members[member].decode().replace(old, text).encode()
        make.zipped(path, members)

    return make_it


OFFICE: dict[str, Callable[[Path, str], object]] = {
    "page.ofd": lambda path, text: ofd(path, page(placed(20, 60, text), frame(20, 80, 50, 10), frame(70, 80, 50, 10))),
    "flat.xml": _flat, "big cell.xlsx": _big_cell,
    "letter.docx": _docx, "a letter named.txt": _docx, "slides.pptx": _pptx, "sheet.xlsx": _xlsx, "sheet named.bin": _xlsx,
    "book.epub": _with(make.epub, "第二章的内容。", "OEBPS/two .xhtml"), "text.odt": _with(make.odt, "第一项", "content.xml"),
    "sheet.ods": lambda path, text: make.odf(path, "spreadsheet", f"<table:table>{make.odf_rows(text)}</table:table>"),
    "deck.odp": lambda path, text: make.odf(path, "presentation", f"<draw:page><draw:frame><draw:text-box><text:p>{text}</text:p>"
        f"</draw:text-box></draw:frame><draw:frame><table:table>{make.odf_rows('x')}</table:table></draw:frame></draw:page>"),
    "paper.pdf": lambda path, text: make.pdf(path, [[(72, 12, "Page one.")], [(72, 12, text)]]),
    "paper named.txt": lambda path, text: make.pdf(path, [[(72, 12, text)]]),
    "scan.pdf": lambda path, text: mixed_pdf(path, ["Cover page.", picture([(40, 200, 30, text)])]),
    "screen.png": lambda path, text: picture([(40, 200, 30, text)], height=300).save(path),
    "photo.jpg": lambda path, text: picture([(40, 200, 30, text)], height=300).save(path, quality=80),
}  # fmt: skip


def _hostile(folder: Path) -> None:
    for name, maker in (("truncated.docx", make.docx), ("truncated.xlsx", make.xlsx)):
        data = maker(folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])
    make.pdf(folder / "locked.pdf", [[(72, 12, "x")]], password="secret")
    make.compound(folder / "locked.docx", {"EncryptedPackage": b"x" * 600})
    make.epub(folder / "locked.epub", "http://www.w3.org/2001/04/xmlenc#aes256-cbc")
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("word/document.xml", b"\0" * 40_000_000)
    picture([], width=16_000, height=16_000 // 16).resize((16_000, 16_000)).save(
        folder / "bomb.png"
    )
    (folder / "one line of 50 MB.txt").write_bytes(b"x" * 50_000_000)
    (folder / "program.txt").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20)
    make.compound(folder / "old.doc", {"WordDocument": b"x" * 600})
    (folder / "packed.txt.gz").write_bytes(gzip.compress(b"text " * 100))
    for name in ("text named.docx", "text named.pdf"):
        (folder / name).write_text("Only text.")
    (folder / "empty.txt").touch()
    make.pdf(folder / "blank.pdf", [[], []])
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "broken.jsonl").write_text('{"a"\n{"b"\n')
    (folder / "broken metadata.txt").write_text("Some text.")
    (folder / "broken metadata.txt.meta.json").write_text("[1, 2")
    for name in ("Thumbs.db", ".DS_Store", "~$letter.docx"):
        (folder / name).write_bytes(b"\xd0\xcf\x11\xe0 no document")
    # No files.
    os.mkfifo(folder / "pipe.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.txt").symlink_to(folder / "nowhere")
