"""The sample library and its golden set hold what they promise."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "samples" / "library"
QUESTIONS = [
    json.loads(line)
    for line in (ROOT / "samples" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]


def plain_text(path: Path) -> str:
    """The text without white space, since PDF breaks lines inside sentences."""
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
    elif path.suffix == ".docx":
        word = docx.Document(str(path))
        cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
        text = "".join([paragraph.text for paragraph in word.paragraphs] + cells)
    else:
        text = re.sub(r"<[^>]+>", "", path.read_text(encoding="utf-8"))
    return re.sub(r"\s", "", text)


TEXTS = {path.name: plain_text(path) for path in sorted(LIBRARY.iterdir())}


def test_generated_documents_are_regenerated_byte_for_byte(tmp_path: Path) -> None:
    script = ROOT / "tools" / "make_samples.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {Path(name).suffix for name in made} == {".pdf", ".docx"}
    assert made == {name: (LIBRARY / name).read_bytes() for name in made}


def test_every_binary_document_has_a_source() -> None:
    binary = {path.stem for path in LIBRARY.iterdir() if path.suffix in (".pdf", ".docx")}
    assert binary == {path.stem for path in (ROOT / "samples" / "sources").iterdir()}


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".pdf", ".docx"])
def test_each_format_is_there_in_chinese_and_english(suffix: str) -> None:
    texts = [text for name, text in TEXTS.items() if name.endswith(suffix)]
    shares = sorted(len(re.findall(r"[\u4e00-\u9fff]", text)) / len(text) for text in texts)
    assert shares[0] < 0.05, "one is English"
    assert shares[-1] > 0.5, "one is Chinese"


def is_chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def test_chinese_pdf_has_three_pages_and_reads_right() -> None:
    document = pypdfium2.PdfDocument(LIBRARY / "06-检索增强实践.pdf")
    assert len(document) >= 3
    source = (ROOT / "samples" / "sources" / "06-检索增强实践.md").read_text(encoding="utf-8")
    for sentence in re.findall(r"[^\n#|。-]{12,}。", source):
        assert re.sub(r"\s", "", sentence) in TEXTS["06-检索增强实践.pdf"].replace("•", "") or (
            _spans_pages(sentence, document)
        )


def _spans_pages(sentence: str, document: Any) -> bool:
    """A page number stands between the halves of a sentence that a page break divides."""
    pages = [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in document]
    bare = re.sub(r"\s", "", sentence)
    bodies = [page.removeprefix(str(number)) for number, page in enumerate(pages, 1)]
    return bare in "".join(bodies)


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q["answerable"]], ids=lambda q: q["question"]
)
def test_each_answer_stands_in_its_document(question: dict[str, Any]) -> None:
    text = TEXTS[question["document"]]
    assert question["answers"]
    for answer in question["answers"]:
        assert re.sub(r"\s", "", answer) in text


def test_golden_set_covers_every_document_both_languages_and_near_misses() -> None:
    answerable = [q for q in QUESTIONS if q["answerable"]]
    unanswerable = [q for q in QUESTIONS if not q["answerable"]]
    assert {q["document"] for q in answerable} == set(TEXTS)
    assert len(unanswerable) >= 8
    assert all(q["document"] is None and q["answers"] == [] for q in unanswerable)
    assert {is_chinese(q["question"]) for q in unanswerable} == {True, False}
    crossing = [q for q in answerable if is_chinese(q["question"]) != is_chinese(q["document"])]
    assert len(crossing) >= 6, "questions in the other language than their document"
    assert len({q["question"] for q in QUESTIONS}) == len(QUESTIONS)
