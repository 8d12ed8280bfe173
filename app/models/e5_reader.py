"""The reader on multilingual-e5-small: the adapter that ships with groundkb over weights that are here anyway.

The table of word vectors, four fifths of the model, is the embedder's own in memory where the
embedding model is e5-small, too; only the layers, which the adapter changes, are the reader's.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import as_file, files
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from app.errors import Phrase, ReadingFailed
from app.models.catalogue import READER_BASE
from app.models.cores import Cores
from app.models.device import choose_device, choose_precision
from app.models.embedding import Embedder
from app.models.giving_way import is_giving_way, next_step, step_tokens
from app.models.places import embedding_revision, loading, reader_folder
from app.models.reading import MOST_SPANS, Reading, Span
from app.models.sentence_transformer import SentenceTransformerEmbedder, batches
from app.settings import Settings

if TYPE_CHECKING:
    import torch

    from app.models.reader_network import ReaderNetwork

# As the adapter was trained: longer questions and answers lose their end, longer passages are
# read in windows that overlap.
QUESTION_TOKENS: Final = 64
ANSWER_TOKENS: Final = 96
PASSAGE_TOKENS: Final = 400
INPUT_TOKENS: Final = 512  # all that the base has places for
_STRIDE: Final = 300
_MAX_WINDOWS: Final = 8
# Tokens in a batch, padding included; on a GPU more fit and pay. Below the least a batch for each core is no
# faster than fewer of them.
_BATCH_TOKENS: Final = {"cpu": 2048, "cuda": 65_536, "mps": 16_384}
_LEAST_TOKENS: Final = 256
# A span's tokens, at most; and how many starts and ends are paired.
_SPAN_TOKENS: Final = 60
_ENDS: Final = 20

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_UNIT: Final = re.compile(r"[\u3400-\u9fff]|[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+")
_START, _END = 0, 2  # ids of <s> and </s>
PASSAGE_PREFIX: Final = "passage: "


@dataclass(frozen=True)
class _Sequence:
    """A window of passage `owner` in one input; `offsets` are its tokens' places in the passage,
    from input position `first` on."""

    owner: int
    ids: list[int]
    first: int
    offsets: Sequence[tuple[int, int]]


class E5Reader:
    """A `Reader`. May be called from several threads: they take turns at each batch, of which as many are computed at
    once as there are cores."""

    def __init__(
        self,
        network: "ReaderNetwork",
        tokenizer: Tokenizer,
        name: str,
        device: str,
        *,
        checks: bool,
    ) -> None:
        """`checks`: the adapter was trained for `check`; else spans stand in for it."""
        import torch

        self._torch = torch
        self._network = network.to(device)
        self._tokenizer = tokenizer
        self._device = device
        self._budget = _BATCH_TOKENS[device]
        # A GPU is one, whoever waits for it.
        self._cores = Cores(torch, "read", None if device == "cpu" else 1)
        self._name = name
        self._checks = checks

    @property
    def name(self) -> str:
        return self._name

    @property
    def checks(self) -> bool:
        """See `Reader.checks`."""
        return self._checks

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """See `Reader.read`."""
        [readings] = self.read_all([(question, passages)])
        return readings

    def read_all(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[Reading]]:
        """`read` for each question with its passages, in batches across all of them."""
        sequences: list[_Sequence] = []
        first = 0  # of the passages of all questions, numbered on
        for question, passages in asked:
            head = [_START, *self._ids(f"query: {question}", QUESTION_TOKENS), _END]
            sequences += (
                replace(each, owner=first + each.owner) for each in self._sequences(head, passages)
            )
            first += len(passages)
        readings = [Reading(-np.inf, ())] * first
        for batch, (scores, spans) in self._run(sequences, self._read_batch):
            for row, place in enumerate(batch):
                sequence = sequences[place]
                score = float(scores[row])
                if score > readings[sequence.owner].answers:
                    readings[sequence.owner] = Reading(score, best_spans(spans[row], sequence))
        ends = list(accumulate(len(passages) for _, passages in asked))
        return [
            readings[end - len(passages) : end]
            for end, (_, passages) in zip(ends, asked, strict=True)
        ]

    def check(self, question: str, answer: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """See `Reader.check`."""
        if not self._checks:
            readings = zip(self.read(question, passages), passages, strict=True)
            found = [agreement(answer, passage, reading) for reading, passage in readings]
            return np.array(found, np.float32)
        head = [
            _START,
            *self._ids(f"query: {question}", QUESTION_TOKENS),
            _END,
            *self._ids(f"answer: {answer}", ANSWER_TOKENS),
            _END,
        ]
        sequences = list(self._sequences(head, passages))
        best = np.full(len(passages), -np.inf, np.float32)
        for batch, (scores, _) in self._run(sequences, self._check_batch):
            for row, place in enumerate(batch):
                owner = sequences[place].owner
                best[owner] = max(best[owner], scores[row])
        return best

    def _ids(self, text: str, limit: int) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids[:limit]

    def _sequences(self, head: list[int], passages: Sequence[str]) -> Iterable[_Sequence]:
        encoded = self._tokenizer.encode_batch(
            [PASSAGE_PREFIX + text for text in passages], add_special_tokens=False
        )
        for owner, encoding in enumerate(encoded):
            # One that is shared with an embedder cuts a long text; the parts follow each other.
            parts = (encoding, *encoding.overflowing)
            offsets = [place for part in parts for place in part.offsets]
            all_ids = [token for part in parts for token in part.ids]
            # The prefix stands before every window, since the model never saw one without.
            size = next(
                (i for i, (_, end) in enumerate(offsets) if end > len(PASSAGE_PREFIX)), len(offsets)
            )
            prefix, ids = all_ids[:size], all_ids[size:]
            places = [
                (max(0, start - len(PASSAGE_PREFIX)), end - len(PASSAGE_PREFIX))
                for start, end in offsets[size:]
            ]
            room = passage_tokens(len(head)) - size
            last = max(1, -(-max(0, len(ids) - room) // _STRIDE) + 1)
            for number in range(min(last, _MAX_WINDOWS)):
                part = slice(number * _STRIDE, number * _STRIDE + room)
                yield _Sequence(
                    owner,
                    [*head, *prefix, *ids[part], _END],
                    len(head) + size,
                    places[part],
                )

    def _run(self, sequences: Sequence[_Sequence], compute: Any) -> Iterable[Any]:
        """`compute` over batches of like length, each with its places in `sequences`."""
        sizes = [len(item.ids) for item in sequences]
        # So that each core has some of it.
        share = -(-sum(sizes) // self._cores.count)
        budget = step_tokens(min(self._budget, max(_LEAST_TOKENS, share)))

        def computed(batch: Sequence[int]) -> Any:
            width = max(sizes[place] for place in batch)
            ids = np.ones((len(batch), width), np.int64)  # 1: padding
            mask = np.zeros((len(batch), width), bool)
            for row, place in enumerate(batch):
                found = sequences[place].ids
                ids[row, : len(found)], mask[row, : len(found)] = found, True
            tensors = [self._torch.from_numpy(part).to(self._device) for part in (ids, mask)]
            try:
                with self._torch.inference_mode():
                    result = compute(*tensors)
            except (RuntimeError, ValueError, MemoryError) as error:
                raise ReadingFailed(detail=error) from error
            if not np.isfinite(result[0]).all():
                raise ReadingFailed(detail=Phrase("score_no_number"))
            return batch, result

        if is_giving_way():
            # One at a time: who waits finds the cores free.
            for batch in batches(sizes, budget):
                next_step()
                yield self._cores.run(partial(computed, batch))
        else:
            yield from self._cores.each(computed, batches(sizes, budget))

    def _read_batch(self, ids: "torch.Tensor", mask: "torch.Tensor") -> Any:
        scores, spans = self._network.read(ids, mask)
        return scores.cpu().numpy(), spans.cpu().numpy()

    def _check_batch(self, ids: "torch.Tensor", mask: "torch.Tensor") -> Any:
        return self._network.checks(ids, mask).cpu().numpy(), None


def passage_tokens(head: int) -> int:
    """How many tokens of a passage, prefix included, fit behind a head of so many tokens."""
    return min(PASSAGE_TOKENS, INPUT_TOKENS - head - 1)


def best_spans(logits: NDArray[np.float32], sequence: _Sequence) -> tuple[Span, ...]:
    """The likeliest spans of one input, none overlapping a better one. `logits` (tokens, 2)."""
    count = len(sequence.offsets)
    if not count:
        return ()
    nothing = float(logits[0].sum())
    inside = logits[sequence.first : sequence.first + count]
    starts = np.argsort(-inside[:, 0])[:_ENDS]
    ends = np.argsort(-inside[:, 1])[:_ENDS]
    pairs = sorted(
        (
            (float(inside[start, 0] + inside[end, 1]) - nothing, int(start), int(end))
            for start in starts
            for end in ends
            if start <= end < start + _SPAN_TOKENS
        ),
        reverse=True,
    )
    found: list[Span] = []
    for score, first, last in pairs:
        start, end = sequence.offsets[first][0], sequence.offsets[last][1]
        if start < end and all(end <= other.start or start >= other.end for other in found):
            found.append(Span(start, end, score))
            if len(found) == MOST_SPANS:
                break
    return tuple(found)


def agreement(answer: str, passage: str, reading: Reading) -> float:
    """What `check` says without a head of its own: the reading's score, moved up by 4 where the
    answer holds one of the likeliest spans, and down by 4 where it holds none.

    Between two scripts only numbers and Latin words can be compared; without any it stays.
    """
    said = set(_units(answer))
    shares = []
    for span in reading.spans:
        units = _units(passage[span.start : span.end])
        if bool(_HAN.search(answer)) != bool(_HAN.search(passage)):
            units = [unit for unit in units if any(char.isdigit() for char in unit)]
        if units:
            likely = math.exp(min(0.0, (span.score - reading.spans[0].score) / 4))
            shares.append(likely * sum(unit in said for unit in units) / len(units))
    return reading.answers + (8 * max(shares) - 4 if shares else 0.0)


def _units(text: str) -> list[str]:
    return _UNIT.findall(text.casefold())


def build_e5_reader(
    settings: Settings, embedder: Embedder | None = None, adapter: Path | None = None
) -> E5Reader:
    """Load the reader; takes a second or two. No network.

    `embedder`: whose word vectors and tokenizer (300 MB each) are shared where they are the same; `adapter`: a file instead of
    the one that ships. Raises WeightsMissing when e5-small was not pulled, WeightsCorrupt.
    """
    import torch  # takes seconds, and most commands never read

    from app.models.reader_network import load_network, read_adapter

    folder = reader_folder(settings)
    device = choose_device(settings.device)
    precision = choose_precision(settings.embedding_precision, device)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    revision = embedding_revision(folder)
    words = tokenizer = None
    if isinstance(embedder, SentenceTransformerEmbedder) and (
        (embedder.identity.model, embedder.identity.revision) == (READER_BASE, revision)
    ):
        words, tokenizer = embedder.word_vectors(), embedder.tokenizer
    with loading(folder):
        with as_file(files("app.models") / "reader" / "adapter.safetensors") as shipped:
            found = read_adapter(adapter or shipped)
        network = load_network(folder, found, dtype, words)
        if tokenizer is None:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.no_padding()
            tokenizer.no_truncation()
    name = f"{found.name} ({READER_BASE}@{revision})"
    return E5Reader(network, tokenizer, name, device, checks="check" in found.tasks)
