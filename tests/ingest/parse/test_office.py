"""Word, PowerPoint and Excel."""

import subprocess
import sys
from pathlib import Path

from ingest.parse import Note, parse
from tests.ingest.parse import make
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline, section_of


def test_docx(tmp_path: Path) -> None:
    parsed = parse(make.docx(tmp_path / "a.docx"), limits=LIMITS)
    check_blocks(parsed)
    assert outline(parsed) == [
        ("heading", "模型"),
        ("paragraph", "开源模型有很多种。选择要看许可证。"),
        ("heading", "许可证"),
        ("paragraph", "DeepSeek 采用 MIT 许可证。"),
        ("list_item", "- 可以商用"),
        ("list_item", "- 可以修改"),
        ("table_row", "| 模型 | 许可证 |"),
        ("table_row", "| DeepSeek | MIT |"),
        ("table_row", "| Qwen | Apache 2.0 |"),
        ("heading", "自定样式的标题"),
        ("paragraph", "最后一段。"),
        ("paragraph", "页眉：每页的页眉"),
    ]
    assert parsed.notes == (Note("hidden"),)
    assert parsed.title == "选型手册"
    assert parsed.metadata["author"] == "编辑"
    assert section_of(parsed, "可以商用") == ("模型", "许可证")
    assert section_of(parsed, "最后一段") == ("自定样式的标题",)
    assert {b.header for b in parsed.blocks if b.kind == "table_row"} == {"| 模型 | 许可证 |"}


def test_pptx(tmp_path: Path) -> None:
    parsed = parse(make.pptx(tmp_path / "a.pptx"), limits=LIMITS)
    check_blocks(parsed)
    assert section_of(parsed, "第一点") == ("概览",)
    pages = {parsed.text[b.start : b.end]: b.page for b in parsed.blocks}
    assert pages["概览"] == 1
    assert pages["许可证"] == 2
    assert pages["| DeepSeek | MIT |"] == 2
    assert any("讲稿" in text for text in pages)


def test_xlsx(tmp_path: Path) -> None:
    parsed = parse(make.xlsx(tmp_path / "a.xlsx"), limits=LIMITS)
    check_blocks(parsed)
    assert outline(parsed) == [
        ("heading", "模型"),
        ("paragraph", "2024 年模型一览"),
        ("table_row", "| 模型 | 许可证 | 参数量 |"),
        ("table_row", "| DeepSeek | MIT | 7 |"),
        ("table_row", "| Qwen | Apache 2.0 | 7 |"),
    ]


def test_office_files_are_read_without_any_network(tmp_path: Path) -> None:
    """In a process of its own, where any connection would raise, telemetry threads included."""
    path = make.docx(tmp_path / "a.docx")
    script = f"""
import socket, sys
attempts = []
def refuse(*args, **kwargs):
    attempts.append(args)
    raise OSError("no network")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from pathlib import Path
from ingest.parse import Limits, parse
text = parse(Path({str(path)!r}), limits=Limits()).text
import threading
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join(2)
assert "许可证" in text
assert not attempts, attempts
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
