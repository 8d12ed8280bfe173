"""Examples as token ids, made once and kept beside the examples."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from app.models.e5_reader import ANSWER_TOKENS, PASSAGE_PREFIX, QUESTION_TOKENS, passage_tokens
from training.example import read_examples

_START, _END = 0, 2
_AT_ONCE = 4096


@dataclass(frozen=True)
class Encoded:
    """`ids` one after another, example i at `offsets[i]:offsets[i + 1]`; `check` whether it holds an
    answer; `first` and `last` the input positions of the span, -1 without one."""

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    right: NDArray[np.bool_]
    check: NDArray[np.bool_]
    first: NDArray[np.int32]
    last: NDArray[np.int32]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)


def encode(examples: Path, tokenizer: Tokenizer) -> Encoded:
    """Tokens as `E5Reader` makes them, cut where it cuts. Kept as `examples` + '.npz'."""
    kept = examples.with_suffix(".npz")
    if kept.exists() and kept.stat().st_mtime >= examples.stat().st_mtime:
        with np.load(kept) as found:
            return Encoded(**{name: found[name] for name in Encoded.__dataclass_fields__})
    items = list(read_examples(examples))
    ids: list[NDArray[np.int32]] = []
    spans: list[tuple[int, int]] = []
    for begin in range(0, len(items), _AT_ONCE):
        part = items[begin : begin + _AT_ONCE]
        questions = tokenizer.encode_batch(
            [f"query: {e.question}" for e in part], add_special_tokens=False
        )
        answers = tokenizer.encode_batch(
            [f"answer: {e.answer or ''}" for e in part], add_special_tokens=False
        )
        passages = tokenizer.encode_batch(
            [PASSAGE_PREFIX + e.passage for e in part], add_special_tokens=False
        )
        for example, question, answer, passage in zip(
            part, questions, answers, passages, strict=True
        ):
            head = [_START, *question.ids[:QUESTION_TOKENS], _END]
            if example.answer is not None:
                head += [*answer.ids[:ANSWER_TOKENS], _END]
            body = passage.ids[: passage_tokens(len(head))]
            ids.append(np.array([*head, *body, _END], np.int32))
            low, high = example.start + len(PASSAGE_PREFIX), example.end + len(PASSAGE_PREFIX)
            inside = [
                place
                for place, (a, b) in enumerate(passage.offsets[: len(body)])
                if example.start >= 0 and b > low and a < high and b > a
            ]
            spans.append((len(head) + inside[0], len(head) + inside[-1]) if inside else (-1, -1))
    result = Encoded(
        np.concatenate(ids),
        np.concatenate([[0], np.cumsum([len(one) for one in ids])]).astype(np.int64),
        np.array([e.right for e in items]),
        np.array([e.answer is not None for e in items]),
        np.array([s for s, _ in spans], np.int32),
        np.array([e for _, e in spans], np.int32),
    )
    np.savez(kept, **vars(result))
    return result
