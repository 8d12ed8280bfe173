"""What a terminal and a pipe are shown."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import cast, get_args

import pytest
from rich.console import Console

from app.answering import answer as data
from app.api.wire.documents import DocumentBody, DocumentNote
from app.api.wire.events import AskEvent, wire_ask_event
from app.api.wire.syncs import DocumentDone, SyncEvent, SyncReport, wire_sync_event
from app.cli.render import note_kind, show_answer, show_document, show_report, show_sync
from app.cli.say import Cli
from app.errors import ChatStreamBroken, ChatTimeout, Language
from app.settings import Settings
from ingest.parse.document import NoteKind
from ingest.report import SyncProgress
from ingest.report import SyncReport as Report
from tests.api.conftest import an_answer, events_of, refused


def shown(
    script: Sequence[data.Event | Exception], language: Language = "en", *, terminal: bool = False
) -> str:
    out = io.StringIO()
    console = Console(
        file=out, markup=False, highlight=False, soft_wrap=True, force_terminal=terminal, width=80
    )
    cli = Cli(language, Settings(_env_file=None), out=console)  # type: ignore[call-arg]

    async def events() -> AsyncIterator[AskEvent]:
        for item in script:
            if isinstance(item, Exception):
                raise item
            yield wire_ask_event(item)

    asyncio.run(show_answer(cli, events()))
    return out.getvalue()


def test_an_answer_with_its_sources() -> None:
    text = shown(events_of(an_answer()))
    assert text.splitlines() == [
        "采用 MIT 许可证。[1]",
        "",
        "Sources",
        "[1] DeepSeek-V3 — 模型 › 许可证, page 3",
        "    “代码采用 MIT 许可证”",
        "    /library/deepseek.md",
        "",
        "embedded/scripted · kb_default@0123456789ab · 0.1 s",
    ]
    chinese = shown(events_of(an_answer()), "zh")
    assert "出处" in chinese
    assert "第 3 页" in chinese


def test_a_withdrawn_draft_is_not_left_standing() -> None:
    script = [*events_of(an_answer())[:10], data.Done(refused("unverified"))]
    text = shown(script)
    assert text.startswith("上下文未包含对此问题的答案\n")
    assert "MIT" not in text
    assert "documents do not bear it out" in text
    assert "/library/deepseek.md" in text
    assert "Sources" not in text


def test_a_terminal_sees_the_draft_being_written() -> None:
    text = shown(events_of(an_answer()), terminal=True)
    assert "Searching…" in text
    assert "\x1b[2K" in text  # taken back
    assert "Sources" in text


@pytest.mark.parametrize(
    "reason", ["no_hits", "low_relevance", "not_computable", "model", "unverified"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_refusal_says_why(reason: data.RefusalReason, language: Language) -> None:
    texts = {shown(events_of(refused(reason)), language).splitlines()[2]}
    assert len(texts.pop()) > 10


def test_statements_without_support_are_pointed_out() -> None:
    answer = an_answer(statements=(data.Statement(0, 5, False, ()),))
    assert "⚠ 1 statement(s) without support" in shown(events_of(answer))


def test_a_stream_that_breaks_is_an_error_and_shows_no_half_answer() -> None:
    with pytest.raises(ChatTimeout):
        shown([*events_of(an_answer())[:6], ChatTimeout(seconds=1)])
    with pytest.raises(ChatStreamBroken):
        shown(events_of(an_answer())[:6])


def test_the_report_of_a_sync() -> None:
    out = io.StringIO()
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    cli = Cli("zh", settings, out=Console(file=out, markup=False, width=200))
    failed = {
        "source": "file:///a [1].pdf",
        "code": "document_encrypted",
        "message": "a [1].pdf 已加密。",
        "hint": "请另存。",
        "permanent": True,
    }
    report = SyncReport.model_validate(
        {
            "kb": "default",
            "added": 2,
            "changed": 0,
            "removed": 1,
            "unchanged": 7,
            "failed": [failed],
            "chunks": 30,
            "seconds": 2.0,
            "dry_run": False,
            "stopped": True,
            "would_remove": [],
            "notes": {"picture": 3, "macro": 1, "of_a_later_version": 2},
            "chunks_per_second": 15.0,
        }
    )
    show_report(cli, report)
    text = out.getvalue()
    assert "新增 2，更新 0，移除 1，未变 7，失败 1" in text
    assert "30 个片段，用时 2.0 秒（每秒 15.0 个）" in text
    assert "正文中未收录：宏 1，of_a_later_version 2，图片 3" in text
    assert "提前停止；下次同步会从这里继续。" in text
    assert "✗ [document_encrypted] a [1].pdf 已加密。" in text
    assert report.exit_code == 3


def test_a_dry_run_names_what_it_would_do_up_to_a_bound() -> None:
    out = io.StringIO()
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    cli = Cli("en", settings, out=Console(file=out, markup=False, width=200))
    added = tuple(f"file:///docs/{number}.txt" for number in range(150))
    planned = Report(
        "default", 2_000, 1, 1, 0, (), 0, 0.1, dry_run=True,
        would_add=added,
        would_change=("file:///docs/changed.txt",),
        would_move=("file:///docs/moved.txt",),
        would_remove=("file:///docs/gone.txt",),
        moved=1,
    )  # fmt: skip
    show_report(cli, cast("SyncReport", wire_sync_event(planned, "en")))
    lines = out.getvalue().splitlines()
    assert "+ /docs/99.txt" in lines
    assert "+ /docs/100.txt" not in lines
    assert "  and 1900 more" in lines
    assert {"~ /docs/changed.txt", "→ /docs/moved.txt", "- /docs/gone.txt"} <= set(lines)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_document_with_what_its_text_leaves_out(language: Language) -> None:
    kinds = get_args(NoteKind)
    body = DocumentBody(
        id="document-1",
        kb="default",
        source="file:///我的 papers/a.pdf",
        title="A title",
        status="ready",
        revision="1",
        media_type="application/pdf",
        size=12_345,
        chunks=4,
        tags=("hr",),
        failure=None,
        notes=tuple(DocumentNote(kind=kind, count=2, detail=f"page {kind}") for kind in kinds),
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    out = io.StringIO()
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    show_document(Cli(language, settings, out=Console(file=out, markup=False, width=200)), body)
    lines = out.getvalue().splitlines()
    assert lines[0] == "A title"
    assert any("/我的 papers/a.pdf" in line for line in lines)
    assert any("12,345" in line for line in lines)
    for kind in kinds:
        assert f"  {note_kind(Cli(language, settings), kind)} 2  page {kind}" in lines
        assert note_kind(Cli(language, settings), kind) != kind, "each kind has its words"


async def test_without_a_terminal_a_line_comes_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.cli.render._LINE_SECONDS", 0.05)
    report = SyncReport.model_validate(
        Report("default", 0, 0, 0, 0, (), 0, 0.1), from_attributes=True
    )

    async def events() -> AsyncIterator[SyncEvent]:
        for share in range(10):
            yield SyncProgress("embedding", 3, 12, 310 * share, 3100, share / 10)
            await asyncio.sleep(0.02)
        yield report

    err = io.StringIO()
    cli = Cli("en", Settings(_env_file=None), err=Console(file=err, markup=False, width=200))  # type: ignore[call-arg]
    await show_sync(cli, events())
    lines = [line for line in err.getvalue().splitlines() if line]
    assert 1 <= len(lines) <= 5
    assert re.fullmatch(
        r"0:00  \d0%: 3 of 12 documents, \d+ of about 3100 windows embedded", lines[0]
    )


async def test_a_failure_is_named_in_the_readers_language_while_the_sync_goes_on() -> None:
    done = DocumentDone(
        source="file:///a.pdf", outcome="failed", chunks=0, bytes=0, message="a.pdf 已加密。"
    )  # fmt: skip
    report = SyncReport.model_validate(
        Report("default", 0, 0, 0, 0, (), 0, 0.1), from_attributes=True
    )

    async def events() -> AsyncIterator[SyncEvent]:
        yield done
        yield report

    err = io.StringIO()
    cli = Cli("zh", Settings(_env_file=None), err=Console(file=err, markup=False, width=200))  # type: ignore[call-arg]
    assert await show_sync(cli, events()) == report
    assert "✗ /a.pdf: a.pdf 已加密。" in err.getvalue()
