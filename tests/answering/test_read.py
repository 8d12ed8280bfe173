"""The read step: order, spans in the document's own offsets, time, and a reranker in charge of order."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.answering.context import heading_of
from app.answering.read import REGION, read_hits, region
from app.index.protocol import Hit, Passage
from app.models.reading import Reading
from app.models.reranking import Reranker, build_reranker
from app.settings import Settings
from app.text.language import detect_language
from tests.fakes import OverlapReader
from tests.models.cross_encoder import write_cross_encoder

OFFSET = 1_000  # where a passage begins in its document


def hit(text: str, *, number: int = 0, title: str = "", best: int = 0) -> Hit:
    windows, start = [], 0
    for part in text.split("\n"):
        windows.append((OFFSET + start, OFFSET + start + len(part)))
        start += len(part) + 1
    passage = Passage(
        id=f"p{number}", document_id=f"d{number}", revision="1", ordinal=0, text=text, start=OFFSET,
        end=OFFSET + len(text), windows=tuple(windows), page=None, section=("Safety",),
        language=detect_language(text), title=title, source=f"{number}.md",
    )  # fmt: skip
    return Hit(passage, 1.0 - number / 100, 0.8, best)


def quoted(found: Any) -> list[str]:
    passage = found.hit.passage
    return [passage.text[s.start - passage.start : s.end - passage.start] for s in found.spans]


def test_what_answers_comes_first_with_spans_of_the_document() -> None:
    hits = [
        hit("The canteen opens at noon.", number=0, title="Canteen guide"),
        hit("Valve V-3 opens at 12 bar. It is painted red.", number=1, title="Valves"),
    ]
    result = read_hits(OverlapReader(), "At what pressure does valve V-3 open?", hits, seconds=9)
    assert [item.hit.passage.id for item in result.hits] == ["p1", "p0"]
    assert quoted(result.hits[0])[0] == "Valve V-3 opens at 12 bar"
    assert (result.looked, result.reader) == (2, "overlap")


def test_title_and_heading_are_read_but_never_pointed_at() -> None:
    reader = OverlapReader()
    first = hit("Tighten to 30 Nm.", number=0, title="Pump guide")
    second = hit("Tighten to 45 Nm.", number=1, title="Fan guide")
    result = read_hits(reader, "What torque does the fan guide give?", [first, second], seconds=9)
    assert result.hits[0].hit is second
    assert reader.read_passages[1].startswith("Fan guide › Safety\n")
    for found in result.hits:
        for span in found.spans:
            assert found.hit.passage.start <= span.start < span.end <= found.hit.passage.end


def test_a_long_passage_is_read_around_its_best_window_first_and_then_whole() -> None:
    lines = [f"Line {number} says nothing of interest here." for number in range(80)]
    lines[60] = "The kiln is lit at 06:15."
    long = hit("\n".join(lines), best=60)
    start, end = region(long)
    text = long.passage.text[start - OFFSET : end - OFFSET]
    assert "06:15" in text
    assert REGION / 2 < len(text) <= REGION
    reader = OverlapReader()
    result = read_hits(reader, "When is the kiln lit?", [long], seconds=60)
    assert quoted(result.hits[0])[0] == "The kiln is lit at 06:15"
    assert [len(one) for one in reader.read_passages] == sorted(
        len(one) for one in reader.read_passages
    )
    assert len(reader.read_passages) == 2


def test_time_is_kept_and_the_first_eight_are_read_in_any_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = SimpleNamespace(value=0.0)
    monkeypatch.setattr("app.answering.read.time.perf_counter", lambda: now.value)

    class Slow(OverlapReader):
        def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
            now.value += 0.1 * len(passages)
            return super().read(question, passages)

    hits = [
        hit(f"Kiln {number} is lit at {number} o'clock.", number=number) for number in range(24)
    ]
    result = read_hits(Slow(), "When is kiln 20 lit?", hits, seconds=0.1)
    assert result.looked == 8
    assert [item.answers is None for item in result.hits] == [False] * 8 + [True] * 16
    result = read_hits(Slow(), "When is kiln 20 lit?", hits, seconds=1.7)
    assert result.looked == 16
    assert now.value <= 0.8 + 1.7
    result = read_hits(Slow(), "When is kiln 20 lit?", hits, seconds=9)
    assert result.looked == 24
    assert result.hits[0].hit.passage.id == "p20"


def test_repeats_stay_behind_and_are_not_read() -> None:
    notice = "Visitors must sign in at the gate before they enter the hall."
    hits = [hit(notice, number=0), hit("The hall opens at nine.", number=1), hit(notice, number=2)]
    result = read_hits(OverlapReader(), "Where must visitors sign in?", hits, seconds=9)
    assert [item.hit.passage.id for item in result.hits] == ["p0", "p1", "p2"]
    assert result.hits[2].answers is None
    assert result.looked == 2


class _Shortest:
    """Ranks by brevity, unlike any reader."""

    def predict(self, pairs: list[tuple[str, str]], **_options: object) -> np.ndarray:
        return np.array([-len(passage) for _, passage in pairs], np.float32)


def test_a_reranker_orders_while_the_reader_still_judges() -> None:
    hits = [
        hit("Valve V-3 opens at 12 bar, as measured by the works in spring.", number=0),
        hit("Lunch is at noon.", number=1),
    ]
    question = "At what pressure does valve V-3 open?"
    alone = read_hits(OverlapReader(), question, hits, seconds=9)
    ranked = read_hits(
        OverlapReader(), question, hits, seconds=9, reranker=Reranker(_Shortest(), "org/short")
    )
    assert [item.hit.passage.id for item in alone.hits] == ["p0", "p1"]
    assert [item.hit.passage.id for item in ranked.hits] == ["p1", "p0"]
    assert {i.hit.passage.id: i.answers for i in alone.hits} == {
        i.hit.passage.id: i.answers for i in ranked.hits
    }


def test_the_reranker_of_the_settings_ranks(tmp_path: Path) -> None:
    """GROUNDKB_RERANKER, a tiny cross-encoder of random weights: its order, not the reader's."""
    settings = Settings(_env_file=None, models=write_cross_encoder(tmp_path), reranker="org/cross")  # type: ignore[call-arg]
    reranker = build_reranker(settings)
    assert reranker is not None
    hits = [
        hit(text, number=number)
        for number, text in enumerate(("a b a", "ab ab", "许可证", "b b b a"))
    ]
    shown = [f"{heading_of(item.passage)}\n{item.passage.text}" for item in hits]
    scores = reranker.score("ab", shown)
    assert len(set(scores.tolist())) == len(hits)
    result = read_hits(OverlapReader(), "ab", hits, seconds=9, reranker=reranker)
    expected = sorted(range(len(hits)), key=lambda place: -scores[place])
    assert [item.hit.passage.id for item in result.hits] == [f"p{place}" for place in expected]
    assert all(item.answers is not None for item in result.hits)


def test_nothing_found_nothing_read() -> None:
    assert read_hits(OverlapReader(), "anything", [], seconds=1).hits == ()
