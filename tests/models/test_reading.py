"""One suite over every reader; then what is E5Reader's own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch

from app.answering.answerable import load_answer_gate
from app.errors import WeightsCorrupt, WeightsMissing
from app.models.device import choose_device
from app.models.e5_reader import E5Reader, agreement, build_e5_reader
from app.models.embedding import Embedder
from app.models.giving_way import LeftOff, giving_way
from app.models.reader_server import ServerReader
from app.models.reading import MOST_SPANS, Reader, Reading, Span
from app.models.remembered_reader import RememberedReader
from app.settings import Settings
from tests.fakes import OverlapReader
from tests.models.reading_server import reading_server

EN = [
    "The nightly backup of the library starts at 02:30 and is kept for 14 days.",
    "Visitors park behind the north gate.",
    "DeepSeek publishes its models under the MIT licence.",
]
ZH = [
    "资料库每晚 02:30 开始备份，保留 14 天。",
    "访客请把车停在北门后面。",
    "DeepSeek 采用 MIT 许可证。",
]


def settings(models_dir: Path, **values: object) -> Settings:
    return Settings(_env_file=None, models=models_dir, **values)  # type: ignore[call-arg, arg-type]


@pytest.fixture(scope="session")
def e5_reader(models_dir: Path) -> E5Reader:
    return build_e5_reader(settings(models_dir))


@pytest.fixture(params=["e5", "remembered", "server", "overlap"])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    if request.param == "overlap":
        yield OverlapReader()
        return
    found: E5Reader = request.getfixturevalue("e5_reader")
    if request.param == "server":
        with reading_server(found) as url:
            yield ServerReader(url, api_key=None, timeout=60)
        return
    yield RememberedReader(found, 100) if request.param == "remembered" else found


@pytest.mark.parametrize(
    ("question", "passages", "right"),
    [
        ("When does the nightly backup start?", EN, 0),
        ("Where do visitors park?", EN, 1),
        ("Which licence do DeepSeek models have?", EN, 2),
        ("资料库什么时候开始备份？", ZH, 0),
        ("访客的车停在哪里？", ZH, 1),
        ("DeepSeek 采用什么许可证？", ZH, 2),
    ],
)
def test_the_passage_that_answers_is_first_and_its_span_is_in_it(
    reader: Reader, question: str, passages: list[str], right: int
) -> None:
    readings = reader.read(question, passages)
    assert len(readings) == len(passages)
    assert max(range(3), key=lambda place: readings[place].answers) == right
    for passage, reading in zip(passages, readings, strict=True):
        assert len(reading.spans) <= MOST_SPANS
        scores = [span.score for span in reading.spans]
        assert scores == sorted(scores, reverse=True)
        ordered = sorted(reading.spans, key=lambda span: span.start)
        assert all(0 <= span.start < span.end <= len(passage) for span in ordered)
        assert all(a.end <= b.start for a, b in pairwise(ordered))


def test_no_passages_no_readings(reader: Reader) -> None:
    assert reader.read("anything?", []) == []
    assert reader.check("anything?", "yes", []).shape == (0,)


def test_a_blank_passage_answers_nothing(reader: Reader) -> None:
    blank, right = reader.read("When does the nightly backup start?", ["", EN[0]])
    assert blank.spans == ()
    assert np.isfinite(blank.answers)
    assert right.answers > blank.answers


def test_the_answer_that_is_given_checks_above_another(reader: Reader) -> None:
    question = "When does the nightly backup start?"
    good = reader.check(question, "The nightly backup starts at 02:30.", EN)
    bad = reader.check(question, "The nightly backup starts at the north gate.", EN)
    assert good.shape == (3,)
    assert good.argmax() == 0
    assert good[0] > bad[0]


def test_threads_get_the_same_readings(reader: Reader) -> None:
    questions = ["When does the nightly backup start?", "Where do visitors park?"] * 4
    alone = [reader.read(question, EN) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda question: reader.read(question, EN), questions))
    for one, other in zip(alone, together, strict=True):
        assert [r.answers for r in one] == pytest.approx([r.answers for r in other], abs=0.05)


# --- E5Reader's own ---------------------------------------------------------------------------


def test_spans_name_the_characters_of_the_answer(e5_reader: E5Reader) -> None:
    english = e5_reader.read("Which licence do DeepSeek models have?", EN)[2]
    best = english.spans[0]
    assert EN[2][best.start : best.end].startswith("MIT")
    chinese, *_ = e5_reader.read("备份保留多久？", ZH)
    best = chinese.spans[0]
    assert ZH[0][best.start : best.end] == "14 天"


def test_the_order_of_passages_and_batches_changes_no_reading(e5_reader: E5Reader) -> None:
    passages = [*EN, " ".join(EN * 12), *ZH]
    question = "When does the nightly backup start?"
    together = e5_reader.read(question, passages)
    alone = [e5_reader.read(question, [passage])[0] for passage in passages]
    for one, other in zip(together, alone, strict=True):
        assert one.answers == pytest.approx(other.answers, abs=0.15)  # bf16 rounds by batch


def above(reader: Reader, reading: Reading) -> float:
    """Log-odds above the threshold that ships for an English question and passage: what decides, whatever a
    reader's own zero is."""
    model = load_answer_gate(reader.name).models["en", False]
    return (
        model.score({"answers": reading.answers, "span": reading.spans[0].score}) - model.threshold
    )


def test_an_answer_far_down_a_long_passage_is_found(e5_reader: E5Reader) -> None:
    filler = "The canteen serves soup and bread to all who come before noon. " * 45
    passage = filler + EN[0]
    question = "When does the nightly backup start?"
    without, found = e5_reader.read(question, [filler, passage])
    assert above(e5_reader, found) >= 0 > above(e5_reader, without)
    # What is shown is the sentence; the time stands before all that is not in it.
    first, second = (passage[span.start : span.end] for span in found.spans[:2])
    assert found.spans[0].start >= len(filler)
    assert "02:30" in (first, second)


def test_a_long_question_is_cut_not_refused(e5_reader: E5Reader) -> None:
    question = "When does the nightly backup start? " + "It matters to us. " * 300
    assert np.isfinite(e5_reader.read(question, EN)[0].answers)


def test_word_vectors_and_tokenizer_are_shared_with_the_embedder(
    models_dir: Path, real_embedder: Embedder, e5_reader: E5Reader
) -> None:
    sharing = build_e5_reader(settings(models_dir), real_embedder)
    assert sharing._tokenizer is real_embedder.tokenizer  # type: ignore[attr-defined]
    # The embedder's cuts at 512 tokens; a longer passage is read to its end all the same.
    long = ["The yard is swept on Fridays. " * 120 + EN[0]]
    head = [0, 5, 2]
    assert list(sharing._sequences(head, long)) == list(e5_reader._sequences(head, long))
    assert len(list(sharing._sequences(head, long))) > 2
    ours: Any = sharing._network.encoder.embeddings.word_embeddings.weight
    theirs: Any = real_embedder.word_vectors()  # type: ignore[attr-defined]
    assert ours.data_ptr() == theirs.data_ptr()
    layer: Any = sharing._network.encoder.encoder.layer[0].attention.self.query.weight
    base = real_embedder._model[0].auto_model.encoder.layer[0]  # type: ignore[attr-defined]
    assert not torch.equal(layer, base.attention.self.query.weight)


def test_its_name_states_adapter_and_weights(e5_reader: E5Reader) -> None:
    assert "intfloat/multilingual-e5-small@" in e5_reader.name


def test_full_precision_reads_alike(models_dir: Path, e5_reader: E5Reader) -> None:
    exact = build_e5_reader(settings(models_dir, embedding_precision="fp32"))
    question = "When does the nightly backup start?"
    for one, other in zip(exact.read(question, EN), e5_reader.read(question, EN), strict=True):
        assert one.answers == pytest.approx(other.answers, abs=0.3)


def test_with_another_embedding_model_the_base_is_read_from_where_it_was_pulled(
    models_dir: Path, tmp_path: Path
) -> None:
    other = build_e5_reader(settings(models_dir, embedding_model="org/another"))
    backup, park, licence = other.read("Where do visitors park?", EN)
    assert above(other, park) >= 0 > max(above(other, backup), above(other, licence))
    with pytest.raises(WeightsMissing, match="multilingual-e5-small"):
        build_e5_reader(settings(tmp_path, embedding_model="org/another"))


def test_a_broken_adapter_is_named(models_dir: Path, tmp_path: Path) -> None:
    broken = tmp_path / "adapter.safetensors"
    broken.write_bytes(b"not one")
    with pytest.raises(WeightsCorrupt):
        build_e5_reader(settings(models_dir), adapter=broken)


def test_a_device_that_is_named_is_taken() -> None:
    assert choose_device("cpu") == "cpu"
    assert choose_device("cuda") == "cuda"
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert choose_device("auto") in (expected, "mps")


def test_agreement_moves_the_score_by_what_the_answer_holds() -> None:
    passage = "Pump P-7 runs at 40 bar. Pump P-8 runs at 55 bar."
    reading = Reading(2.0, (Span(17, 23, 9.0), Span(42, 48, 1.0)))
    assert agreement("P-7 runs at 40 bar.", passage, reading) == pytest.approx(6.0)
    assert agreement("It is painted green.", passage, reading) == pytest.approx(-2.0)
    between = agreement("It runs at 55 bar.", passage, reading)
    assert -2.0 < between < 6.0
    assert agreement("它以40的压力运行。", passage, reading) == pytest.approx(6.0)
    assert agreement("它是绿色的。", "It is green.", Reading(1.0, (Span(6, 11, 3.0),))) == 1.0


def test_what_nobody_waits_for_goes_in_small_steps_and_leaves_off_when_told(
    e5_reader: E5Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages = [f"{text} {number}" for number in range(20) for text in EN]
    question, told, tokens = "Where do visitors park?", Event(), []
    read = e5_reader._read_batch

    def counted(ids: Any, mask: Any) -> Any:
        tokens.append(ids.numel())
        if len(tokens) == 2:
            told.set()
        return read(ids, mask)

    monkeypatch.setattr(e5_reader, "_read_batch", counted)
    with giving_way(told), pytest.raises(LeftOff):
        e5_reader.read(question, passages)
    assert len(tokens) == 2
    assert max(tokens) <= 512
    tokens.clear()
    usual = [each.answers for each in e5_reader.read(question, passages)]
    assert max(tokens) > 512, "who waits is not held up by what others gave way to"
    monkeypatch.undo()
    with giving_way(Event()):
        slowly = [each.answers for each in e5_reader.read(question, passages)]
    # Batches of other sizes are rounded otherwise in bf16.
    assert slowly == pytest.approx(usual, abs=0.1)
