"""Summaries by a chat model: part by part, checked, streamed as they grow, kept while the document stays."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from app.answering.answer import Answer, Done, Event, Question, Stage, TokenPiece
from app.answering.evidence import Verification
from app.answering.summary import MOST_PARTS, Summaries, SummaryOf, parts_of_document
from app.models.chat import ChatRequest, Finish, Thought, Token
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat
from tests.passages import passage

WELL = """# The well of the farm

## Depth

The well is 40 metres deep. It never ran dry.

## Water

The water is tested in May. It is hard.
"""
SUMMARY = Question("Summarise the well of the farm.", "default")


class SummingChat(ScriptedChat):
    """Writes a true item, unless it is to write none, and a false one on the part that it is shown."""

    truth: str | None = None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        shown = request.messages[-1].content
        true = (
            "- The well is 40 metres deep. [1]"
            if "40 metres" in shown
            else "- The water is tested in May. [1]"
        )
        true = true if self.truth is None else self.truth
        self._answer = f"{true}\n- The well was dug by giants in 1822. [1]"
        async for item in super().stream(request):
            yield item


Opened = tuple[Runtime, SummingChat, Path]


@pytest.fixture
async def runtime(
    make_settings: Callable[..., Settings], tmp_path: Path, fake_embedder: BigramEmbedder
) -> AsyncIterator[Opened]:
    folder = tmp_path / "farm"
    folder.mkdir()
    (folder / "well.md").write_text(WELL, "utf-8")
    chat = SummingChat()
    opened = await open_runtime(
        make_settings(), embedder=fake_embedder, chat=chat, reader=OverlapReader()
    )
    sync(opened, folder)
    yield opened, chat, folder
    await opened.close()


def sync(opened: Runtime, folder: Path) -> None:
    opened.storage.sync(SyncRequest((str(folder),), "default"), lambda _event: None)


async def ask(opened: Runtime) -> tuple[Answer, list[Event]]:
    events = [event async for event in opened.answerer.ask(SUMMARY)]
    done = events[-1]
    assert isinstance(done, Done)
    return done.answer, events


async def test_each_item_is_checked_and_streamed(runtime: Opened) -> None:
    opened, chat, _ = runtime
    answer, events = await ask(opened)
    assert answer.answered
    assert answer.kind == "written"
    assert "40 metres deep" in answer.answer
    assert "giants" not in answer.answer
    assert answer.left_out == len(chat.requests)
    assert all(statement.supported and statement.markers for statement in answer.statements)
    stored = opened.library.text("default", answer.citations[0].document_id)
    assert all(stored[c.start : c.end] == c.quote for c in answer.citations)
    assert "".join(e.text for e in events if isinstance(e, TokenPiece)) == answer.answer


async def test_it_is_kept_until_the_document_changes(runtime: Opened) -> None:
    opened, chat, folder = runtime
    first, _ = await ask(opened)
    asked = len(chat.requests)
    again, events = await ask(opened)
    assert again.answer == first.answer
    assert again.citations == first.citations
    assert len(chat.requests) == asked
    assert Stage("write") not in events
    (folder / "well.md").write_text(WELL.replace("hard", "soft"), "utf-8")
    sync(opened, folder)
    await ask(opened)
    assert len(chat.requests) > asked


async def test_a_small_model_is_not_asked(runtime: Opened) -> None:
    opened, chat, _ = runtime
    chat.name = "tiny-1.5b"
    answer, _ = await ask(opened)
    assert answer.kind == "quotes"
    assert chat.requests == []


async def test_where_nothing_is_borne_out_the_documents_own_sentences_stand(
    runtime: Opened,
) -> None:
    opened, chat, _ = runtime
    chat.truth = ""
    answer, _ = await ask(opened)
    assert answer.kind == "quotes"
    assert "The well is 40 metres deep." in answer.answer


def sections(count: int) -> Sequence[int]:
    passages = [passage(f"Part {n}.", ordinal=n, section=("D", f"S{n}")) for n in range(count)]
    parts = parts_of_document(passages)
    assert [p.ordinal for part in parts for p in part] == list(range(count))
    return [len(part) for part in parts]


def test_a_document_falls_into_its_sections_but_not_into_too_many() -> None:
    assert sections(3) == [1, 1, 1]
    assert len(sections(40)) == MOST_PARTS


def test_a_newer_revision_drops_what_was_kept_of_the_older() -> None:
    kept = Summaries()
    made = Verification("a", (), (), (), True, 1.0, 1.0)
    old = SummaryOf("kb", "d", "r1", 0, 9, "m", "p")
    new = SummaryOf("kb", "d", "r2", 0, 9, "m", "p")
    kept.put(old, made)
    assert kept.get(old) is made
    assert kept.get(new) is None
    kept.put(new, made)
    assert kept.get(old) is None
