"""Answers that are given again: only to an equal question, only while nothing is other than it was."""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.answering.again import AnswersGivenAgain, Around, Outcome, around, ask_again
from app.answering.answer import (
    Answer,
    AnswerMode,
    Citations,
    Done,
    Event,
    Question,
    TokenPiece,
    Turn,
)
from app.answering.curated import add_curated
from app.index.protocol import Filter, Scope
from app.library.curated import CuratedQuote
from app.library.database import viewing
from app.library.library import Library, NewRevision, PendingRevision, open_library
from app.library.sight import Sight
from app.library.tables import Document, KnowledgeBase, Revision
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from ingest.report import SyncRequest
from tests.api.conftest import an_answer
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat

pytestmark = pytest.mark.slow

KB, OTHER = "default", "other"
STEPS = int(os.environ.get("STEPS", "2000"))
_ALL = (
    select(
        Document.kb,
        Document.id,
        Document.title,
        Document.tags,
        Document.access,
        Revision.text,
        KnowledgeBase.access.label("of_kb"),
    )
    .join(
        Revision,
        (Revision.kb == Document.kb)
        & (Revision.document_id == Document.id)
        & (Revision.revision == Document.revision),
    )
    .join(KnowledgeBase, KnowledgeBase.name == Document.kb)
)
QUESTION = "Which licence does DeepSeek use?"


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    library = open_library(settings)
    library.add_knowledge_base(KB)
    library.add_knowledge_base(OTHER)
    yield library
    library.close()


@dataclass
class World:
    """A library that is edited and asked at random. An answer tells all that its asker sees: the
    documents that the filter lets through with their texts, titles and tags, what makes answers, and
    the curated answers; so a stale one cannot look right."""

    library: Library
    rng: random.Random
    kept: AnswersGivenAgain = field(default_factory=lambda: AnswersGivenAgain(200))
    model: int = 0
    revisions: int = 0
    rows: Sequence[Any] | None = None
    known: dict[tuple[Sight, Question], str] = field(default_factory=dict)
    told: dict[Outcome, int] = field(default_factory=lambda: {"hit": 0, "miss": 0, "passed": 0})
    sights: tuple[Sight, ...] = (
        Sight(unlimited=True),
        Sight(),
        Sight(groups=frozenset({"board"})),
        Sight(groups=frozenset({"board", "staff"})),
        Sight(kbs=frozenset({KB})),
    )

    def truth(self, library: Library, question: Question) -> str:
        """As it is now: looked up anew after each edit."""
        about = library.sight, replace(question, text="", fresh=False)
        if about not in self.known:
            self.known[about] = self._look_up(library, question)
        return self.known[about]

    def _look_up(self, library: Library, question: Question) -> str:
        chosen, sight = question.filter, library.sight
        named = chosen.scope.knowledge_bases or (question.kb,)
        if self.rows is None:
            with viewing(library.engine) as connection:
                self.rows = connection.execute(_ALL).all()
        seen = [
            row
            for row in self.rows
            if row.kb in named
            and sight.enters(row.kb, row.of_kb)
            and sight.passes(row.access)
            and (not chosen.tags or set(chosen.tags) & set(row.tags))
        ]
        curated = [row.answer for row in library.curated.of(question.kb)]
        return repr((question.mode, self.model, sorted(map(repr, seen)), curated))

    async def make(self, library: Library, question: Question) -> AsyncGenerator[Event, None]:
        text = self.truth(library, question)
        yield TokenPiece(text)
        yield Done(an_answer(text))

    async def ask(self) -> None:
        """Asked by somebody: what is given is what he sees now."""
        rng = self.rng
        seen = self.library.seen_by(rng.choice(self.sights))
        wording = rng.choice(
            ("What colour is it?", "What colour is  it", "Which colour is it?", "How big is it?")
        )
        chosen = rng.choice(
            (Filter(), Filter(tags=("t1",)), Filter(scope=Scope(knowledge_bases=(KB, OTHER))))
        )
        mode: AnswerMode = "quotes" if rng.random() < 0.3 else "auto"
        kb = rng.choice((KB, KB, KB, OTHER))
        question = Question(wording, kb, chosen, mode=mode, fresh=rng.random() < 0.02)

        def now(asked: Question) -> Around:
            return around(asked, seen, lambda _kb: None, f"model {self.model}")

        events = ask_again(self.kept, question, now, lambda q: self.make(seen, q), self.tell)
        [done] = [event async for event in events if isinstance(event, Done)]
        assert done.answer.answer == self.truth(seen, question), "a stale answer"

    def tell(self, outcome: Outcome, _seconds: float) -> None:
        self.told[outcome] += 1

    def edit(self) -> None:
        """Something changes, as syncs, people and admins change it."""
        self.known.clear()
        self.rows = None
        library, rng = self.library, self.rng
        kb, document = rng.choice((KB, KB, OTHER)), f"d{rng.randrange(3)}"
        there = {row.id for row in library.documents(kb)}
        gone = set(library.deleted(kb))
        match rng.randrange(9):
            case 0 | 1:
                self.revisions += 1
                # Also back to what it was before.
                revision = f"r{self.revisions}" if rng.random() < 0.7 else "r0"
                pending = PendingRevision(
                    document, f"file:///{document}", revision, f"It {revision}."
                )
                library.begin_revisions(kb, [pending])
                tags = tuple(tag for tag in ("t1", "t2") if rng.random() < 0.5)
                made = NewRevision(document, revision, "T", "text/plain", 4, 7, 9, 1, tags, {})
                library.make_current(kb, [made])
            case 2 if document in there:
                library.delete(kb, [document])
            case 3 if document in gone:
                library.restore(kb, [document])
            case 4 if document in there:
                library.set_tags(kb, document, [rng.choice(("t1", "t2"))])
            case 5 if document in there:
                groups = rng.choice(((), ("board",), ("staff",)))
                library.limits.limit_document(kb, document, groups)
            case 6:
                rows = library.curated.of(KB)
                if rows:
                    library.curated.remove(KB, rows[0].id)
                else:
                    library.curated.add(
                        KB, "Q?", f"A {self.revisions}", [CuratedQuote("d", "r", "q")]
                    )
            case 7 if document in there:
                library.move(
                    kb, document, f"file:///{document}/{self.revisions}", f"T{rng.random()}"
                )
            case 8:
                self.model = rng.randrange(2)
            case _:
                library.limits.limit_knowledge_base(OTHER, rng.choice(((), ("board",))))


async def test_edits_and_questions_at_random_and_no_stale_answer(library: Library) -> None:
    """10,000 of them with STEPS=10000."""
    world = World(library, random.Random(7))
    for _ in range(STEPS):
        # Runs of questions between edits, so that there is something to give again.
        if world.rng.random() < 0.1:
            world.edit()
        else:
            await world.ask()
    hits, misses = world.told["hit"], world.told["miss"]
    assert hits > STEPS / 6, "answers are given again at all"
    assert misses > STEPS / 10
    assert world.told["passed"]
    assert len(world.kept) <= 200


async def answered(runtime: Runtime, question: str = QUESTION, **more: Any) -> Answer:
    asked = Question(question, KB, **more)
    [done] = [event async for event in runtime.ask(asked) if isinstance(event, Done)]
    return done.answer


async def test_over_the_real_parts_it_is_given_again_until_something_changes(
    make_settings: Callable[..., Settings], documents: Path, fake_embedder: BigramEmbedder
) -> None:
    chat = ScriptedChat()
    runtime = await open_runtime(
        make_settings(answers_again=10), embedder=fake_embedder, chat=chat, reader=OverlapReader()
    )

    async def sync() -> None:
        request = SyncRequest((str(documents),), KB)
        await asyncio.to_thread(runtime.storage.sync, request, lambda _: None)

    try:
        await sync()
        first = await answered(runtime)
        events = [event async for event in runtime.ask(Question(QUESTION, KB))]
        done = events[-1]
        assert isinstance(done, Done)
        assert (first.again, done.answer.again) == (False, True)
        same: dict[str, Any] = {
            "again": False,
            "timings_ms": first.timings_ms,
            "usage": first.usage,
        }
        assert replace(done.answer, **same) == first
        assert "".join(e.text for e in events if isinstance(e, TokenPiece)) == first.answer
        assert Citations(first.citations) in events
        assert len(chat.requests) == 1
        # An equal question in other words; and what is another one, or is to be made.
        assert (await answered(runtime, "What licence does DeepSeek use")).again
        for other in (
            await answered(runtime, "Which licence does Qwen use?"),
            await answered(runtime, fresh=True),
            await answered(runtime, mode="quotes"),
            await answered(runtime, filter=Filter(languages=("en",))),
            await answered(runtime, history=(Turn("user", "Hello"),)),
            await answered(runtime.with_chat(Renamed())),
        ):
            assert not other.again
        # A document that has nothing to do with it might have: it is made once more.
        (documents / "new.md").write_text("DeepSeek uses the Apache licence now.\n", "utf-8")
        await sync()
        assert not (await answered(runtime)).again
        assert (await answered(runtime)).again
        # Who may read less is given nothing of it.
        library = runtime.library
        for name in ("licences.md", "new.md"):
            found = next(row.id for row in library.documents(KB) if name in row.source)
            await asyncio.to_thread(runtime.storage.limit_document, KB, found, ["board"])
        everything, outsider = await answered(runtime), runtime.seen_by(Sight())
        assert everything.answered
        for _ in range(2):
            seen = await answered(outsider)
            assert "DeepSeek uses" not in seen.answer
        board = runtime.seen_by(Sight(groups=frozenset({"board"})))
        assert (await answered(board)).answer == everything.answer
        # An owner's answer goes before it.
        licences = next(row.id for row in library.documents(KB) if "licences.md" in row.source)
        quote = "DeepSeek uses the MIT licence."
        add_curated(library, KB, QUESTION, "MIT, says the owner.", [(licences, quote)])
        assert (await answered(runtime)).kind == "curated"
    finally:
        await runtime.close()


class Renamed(ScriptedChat):
    name = "another"


async def test_an_answer_that_took_a_change_while_it_was_made_is_not_kept(library: Library) -> None:
    kept, calls = AnswersGivenAgain(5), 0

    def now(asked: Question) -> Around:
        return around(asked, library, lambda _kb: None, "m")

    async def make(_: Question) -> AsyncGenerator[Event, None]:
        nonlocal calls
        calls += 1
        if calls == 1:
            library.curated.add(KB, "Q?", "A", [CuratedQuote("d", "r", "q")])
        yield Done(an_answer("x"))

    for again in (False, False, True):
        [done] = [
            e async for e in ask_again(kept, Question("Q?", KB), now, make) if isinstance(e, Done)
        ]
        assert done.answer.again is again
    assert calls == 2


def test_what_is_old_or_too_much_is_forgotten() -> None:
    clock = [0.0]
    kept = AnswersGivenAgain(2, lambda: clock[0])
    here = Around(KB, Filter(), "auto", "m", (), "s")
    for name in "XYZ":
        kept.keep(f"What is {name}?", here, an_answer(name))
    assert len(kept) == 2
    assert kept.find("What is X?", here) is None
    found = kept.find("What  is Z", here)
    assert found is not None
    assert found.answer == "Z"
    clock[0] += 25 * 3600
    assert kept.find("What is Z?", here) is None
    assert len(kept) == 0
