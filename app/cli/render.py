"""Answers, passages and sync reports as text for a terminal."""

import time
from collections.abc import AsyncIterator, Callable
from typing import get_args
from urllib.parse import unquote, urlsplit

from rich.live import Live
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from app.answering.answer import Stage, ThoughtPiece, TokenPiece
from app.api.routes.sync import last_report
from app.api.wire.answers import Answer
from app.api.wire.documents import DocumentBody
from app.api.wire.events import AskEvent
from app.api.wire.jobs import Job
from app.api.wire.search import SearchResult
from app.api.wire.syncs import DocumentDone, SyncEvent, SyncReport
from app.cli.say import Cli
from app.errors import ChatStreamBroken, Phrase
from ingest.report import Planned, SyncProgress
from ingest.sources.found import PassedReason

_MOST_PLANNED = 100  # of what a dry run would do, of each kind
_MOST_SHOWN = 10  # of what was passed over
_LINE_SECONDS = 5.0  # between two lines of progress where there is no terminal
_REASONS = frozenset(get_args(PassedReason))


def place(source: str) -> str:
    """A source URI as people write it: the path for files."""
    return unquote(urlsplit(source).path) if source.startswith("file:") else source


async def show_answer(cli: Cli, events: AsyncIterator[AskEvent]) -> Answer:
    """Write the answer, then its sources. Raises as the stream does.

    On a terminal each checked statement is shown as it comes. What is piped on gets the whole.
    """
    draft, answer = "", None
    waiting = Text(cli.say("stage.search"), style="dim")
    with Live(waiting, console=cli.out, transient=True, vertical_overflow="visible") as live:
        async for event in events:
            match event:
                case TokenPiece():
                    draft += event.text
                    live.update(Text(draft))
                case ThoughtPiece():
                    live.update(Text(cli.say("render.thinking"), style="dim"))
                case Answer():
                    answer = event
                case Stage() if not draft:
                    live.update(Text(cli.say(f"stage.{event.stage}"), style="dim"))
        live.update(Text())
    if answer is None:
        raise ChatStreamBroken(detail=Phrase("stream_without_end"))
    cli.out.print(answer.answer)
    show_evidence(cli, answer)
    return answer


def show_evidence(cli: Cli, answer: Answer) -> None:
    """What stands behind an answer, or why there is none."""
    if answer.standalone_question:
        understood = cli.say("render.understood")
        cli.out.print(f"\n{understood} {answer.standalone_question}", style="dim")
    unsupported = sum(1 for statement in answer.statements if not statement.supported)
    if unsupported:
        warning = cli.say("render.unsupported", unsupported=unsupported)
        cli.out.print(f"\n⚠ {warning}", style="yellow")
    if answer.refusal is not None:
        why = answer.refusal.detail or cli.say(f"why.{answer.refusal.reason}")
        cli.out.print(f"\n{why}", style="yellow")
        closest = dict.fromkeys(place(item.source) for item in answer.retrieved)
        if closest:
            cli.out.print(cli.say("render.closest"), style="dim")
            for source in list(closest)[:3]:
                cli.out.print(f"  {source}", style="dim")
    if answer.citations:
        cli.out.print(f"\n{cli.say('render.sources')}", style="bold")
    for citation in answer.citations:
        where = " › ".join(citation.section)
        if citation.page is not None:
            page = cli.say("render.page", page=citation.page)
            where = cli.say("render.where_on_page", where=where, page=page) if where else page
        cli.out.print(f"[{citation.marker}] {citation.title}" + (f" — {where}" if where else ""))
        quote = " ".join(citation.quote.split())
        cli.out.print(f"    “{quote}”", style="green")
        cli.out.print(f"    {place(citation.source)}", style="dim")
    if answer.not_kept is not None:
        lost = cli.say("render.not_kept")
        cli.out.print(f"\n⚠ {lost} {answer.not_kept.message}", style="yellow")
    if answer.conversation_id is not None:
        kept = cli.say("render.conversation")
        cli.out.print(f"\n{kept} {answer.conversation_id}", style="dim")
    seconds = answer.timings_ms.total / 1000
    cli.out.print(f"\n{answer.models.chat} · {answer.models.index} · {seconds:.1f} s", style="dim")


def show_passages(cli: Cli, result: SearchResult) -> None:
    for rank, passage in enumerate(result.passages, start=1):
        where = " › ".join(passage.section)
        if passage.page is not None:
            where = f"{where} " + cli.say("render.page", page=passage.page)
        cli.out.print(f"{rank}. {passage.title}  {where}".rstrip(), style="bold")
        window = passage.best_window
        nearest = passage.text[window.start - passage.start : window.end - passage.start]
        cli.out.print(f"   {' '.join(nearest.split())}")
        cli.out.print(f"   {place(passage.source)}  ({passage.score:.4f})", style="dim")


async def show_sync(cli: Cli, events: AsyncIterator[SyncEvent]) -> SyncReport:
    """How far it is, on standard error while it runs: a bar on a terminal, else a line every few
    seconds. Returns the report at its end."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=cli.err,
        transient=True,
        disable=not cli.err.is_terminal,
    ) as bar:
        whole = bar.add_task(cli.say("render.looking"), total=None)
        in_lines = _in_lines(cli)

        async def shown() -> AsyncIterator[SyncEvent]:
            async for event in events:
                match event:
                    case Planned():
                        bar.update(whole, total=1, description=cli.say("render.syncing"))
                    case SyncProgress():
                        told = how_far(cli, event)
                        bar.update(whole, completed=event.share, description=told)
                        in_lines(told)
                    case DocumentDone() if event.outcome == "failed":
                        cli.err.print(f"✗ {place(event.source)}: {event.message}", style="red")
                yield event

        return await last_report(shown())


def how_far(cli: Cli, progress: SyncProgress) -> str:
    """How far a sync is, in words."""
    return cli.say(
        "render.how_far",
        documents=progress.documents,
        of_documents=progress.of_documents,
        windows=progress.windows,
        of_windows=progress.of_windows,
        percent=round(100 * progress.share),
    )


def _in_lines(cli: Cli) -> Callable[[str], None]:
    """Print what it is told, once every few seconds; nothing on a terminal."""
    started = last = time.monotonic()

    def told(text: str) -> None:
        nonlocal last
        moment = time.monotonic()
        if cli.err.is_terminal or moment - last < _LINE_SECONDS:
            return
        last = moment
        minutes, seconds = divmod(round(moment - started), 60)
        cli.err.print(f"{minutes}:{seconds:02d}  {text}")

    return told


def show_report(cli: Cli, report: SyncReport) -> None:
    counts = [
        (cli.say("render.added"), report.added),
        (cli.say("render.changed"), report.changed),
        (cli.say("render.moved"), report.moved),
        (cli.say("render.amended"), report.amended),
        (cli.say("render.removed"), report.removed),
        (cli.say("render.unchanged"), report.unchanged),
        (cli.say("render.failed"), len(report.failed)),
    ]
    rare = {cli.say("render.moved"), cli.say("render.amended")}
    counts = [(name, count) for name, count in counts if count or name not in rare]
    line = cli.say("render.enumeration").join(f"{name} {count}" for name, count in counts)
    if report.dry_run:
        line = cli.say("render.would_be") + line
    cli.out.print(line, style="bold")
    if not report.dry_run:
        cli.out.print(
            cli.say(
                "render.speed",
                chunks=report.chunks,
                seconds=report.seconds,
                chunks_per_second=report.chunks_per_second,
            )
        )
    if report.notes:
        kinds = [f"{note_kind(cli, kind)} {count}" for kind, count in sorted(report.notes.items())]
        cli.out.print(cli.say("render.left_out") + cli.say("render.enumeration").join(kinds))
        cli.out.print(f"  {cli.say('render.left_out_hint')}", style="dim")
    if report.stopped:
        cli.out.print(
            cli.say("render.stopped"),
            style="yellow",
        )
    for tie in report.ties:
        gone, new = (
            cli.say("render.enumeration").join(place(source) for source in sources)
            for sources in (tie.gone, tie.new)
        )
        cli.out.print(cli.say("render.tie", gone=gone, new=new), style="yellow")
    _show_passed_over(cli, report)
    if report.dry_run:
        _show_planned(cli, report)
    for failed in report.failed:
        show_failure(cli, failed.code, failed.message, failed.hint)


def _show_planned(cli: Cli, report: SyncReport) -> None:
    """What a dry run would add (+), change (~), move (→ where it lies now) and remove (-)."""
    for sign, sources, count in (
        ("+", report.would_add, report.added),
        ("~", report.would_change, report.changed),
        ("→", report.would_move, report.moved),
        ("-", report.would_remove, report.removed),
    ):
        for source in sources[:_MOST_PLANNED]:
            cli.out.print(f"{sign} {place(source)}")
        if count > _MOST_PLANNED:
            cli.out.print("  " + cli.say("render.more", count=count - _MOST_PLANNED), style="dim")


def _show_passed_over(cli: Cli, report: SyncReport) -> None:
    if not report.passed_over_count:
        return
    cli.out.print(cli.say("render.passed_over", count=report.passed_over_count), style="dim")
    for item in report.passed_over[:_MOST_SHOWN]:
        reason = cli.say(f"passed.{item.reason}") if item.reason in _REASONS else item.reason
        cli.out.print(f"  {place(item.source)} ({reason})", style="dim")
    if report.passed_over_count > _MOST_SHOWN:
        more = report.passed_over_count - _MOST_SHOWN
        cli.out.print("  " + cli.say("render.more", count=more), style="dim")


def show_failure(cli: Cli, code: str, message: str, hint: str) -> None:
    """Why a document failed, and what to do."""
    cli.out.print(f"✗ [{code}] {message}", style="red")
    cli.out.print(f"  {hint}", style="dim")


def note_kind(cli: Cli, kind: str) -> str:
    """What a note is about, in words; the kind itself where this version has none for it."""
    try:
        return cli.say(f"note.{kind}")
    except KeyError:
        return kind


def show_document(cli: Cli, document: DocumentBody) -> None:
    """All that is known of one document, and what its reader left out of the text."""
    say = cli.say
    cli.out.print(document.title or document.id, style="bold")
    facts = {
        "place": place(document.source),
        "id": document.id,
        "status": document.status,
        "chunks": str(document.chunks),
        "bytes": f"{document.size:,}",
        "type": document.media_type,
        "tags": " ".join(f"#{tag}" for tag in document.tags),
        "updated": document.updated_at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
    }
    names = {name: say(f"document.{name}") for name in facts}
    for name, value in facts.items():
        if value:
            cli.out.print(f"  {names[name]}: {value}")
    if document.notes:
        cli.out.print(say("document.notes"), style="yellow")
    for note in document.notes:
        where = f"  {note.detail}" if note.detail else ""
        cli.out.print(f"  {note_kind(cli, note.kind)} {note.count}{where}")
    if document.failure is not None:
        show_failure(cli, document.failure.code, document.failure.message, document.failure.hint)


def show_job(cli: Cli, job: Job) -> None:
    """One job in a line, and why it failed in two more."""
    style = {"failed": "red", "cancelled": "yellow"}.get(job.status)
    how_far = f" {job.progress:.0%} {job.stage}" if job.status == "running" else ""
    cli.out.print(f"{job.id}  {job.kind}  {job.status}{how_far}  {place(job.source)}", style=style)
    if job.report is not None and job.kind == "sync":
        show_report(cli, job.report)
    if job.error is not None:
        cli.out.print(f"  [{job.error.code}] {job.error.message}", style=style)
        cli.out.print(f"  {job.error.hint}", style="dim")
