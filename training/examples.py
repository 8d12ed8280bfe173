"""`python -m training examples`: all examples of one seed, for training or for figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, cycle, islice
from pathlib import Path
from random import Random

from training.example import Example, write_examples
from training.questions import Questions
from training.sources import Glosses, read_sources, read_xquad
from training.written import written

# Titles put above passages of the data, which have none: the reader is given passages with one.
_TITLE_SHARE = 0.3


@dataclass(frozen=True)
class Mix:
    """What a set of examples is made of: `scale` multiplies the number of questions taken of each source;
    `glossed` is the share of questions put into the other language word by word, `turns` how often each
    of XQuAD's is taken, with `near` wrong passages of each sort; of pairs of the second task, and of
    wrong ones that any reader tells (another document's passage, a heading), the shares that are kept."""

    scale: float = 1.0
    glossed: float = 0.3
    turns: int = 2
    near: int = 2
    checks: float = 1.0
    easy: float = 1.0


_EASY = ("random", "heading", "row", "roles")


def training_examples(data: Path, xquad: Path, seed: int, mix: Mix) -> Iterator[Example]:
    """In random order. XQuAD gives its even articles only."""
    sources, glosses = read_sources(data), Glosses(data)
    even = read_xquad(xquad, "even")
    of = lambda name, language, count, near: Questions(  # noqa: E731
        sources[name], language, seed, glosses, mix.glossed
    ).examples(round(count * mix.scale), near=near)
    found = list(
        chain(
            of("drcd", "zh", 1400, 1),
            of("cm_trial", "zh", 300, 1),
            of("covid", "en", 500, 1),
            of("med", "en", 500, 1),
            *(
                Questions(even[language], language, seed + turn).examples(near=mix.near)
                for language in ("zh", "en")
                for turn in range(mix.turns)
            ),
            written(seed, round(440 * mix.scale)),
        )
    )
    random = Random(seed)
    random.shuffle(found)
    found = [e for e in found if random.random() < _kept(e, mix)]
    titles = [e.passage.split("\n")[0][:40] for e in islice(cycle(found), 2000)]
    for example in found:
        if "\n" not in example.passage and random.random() < _TITLE_SHARE:
            title = random.choice(titles)
            moved = len(title) + 1 if example.start >= 0 else 0
            yield replace(
                example,
                passage=f"{title}\n{example.passage}",
                start=example.start + moved,
                end=example.end + moved,
            )
        else:
            yield example


def _kept(example: Example, mix: Mix) -> float:
    share = mix.checks if example.answer is not None else 1.0
    return share * (mix.easy if example.kind in _EASY else 1.0)


def measuring_examples(xquad: Path, parity: str, seed: int) -> Iterator[Example]:
    """What figures are measured on: XQuAD's articles of one parity, and documents written with another seed."""
    articles = read_xquad(xquad, "odd" if parity == "odd" else "even")
    for language in ("zh", "en"):
        yield from Questions(articles[language], language, seed).examples(300, near=2)
    yield from written(seed + 1_000_000, 40)


def make(data: Path, xquad: Path, out: Path, seed: int, mix: Mix) -> str:
    """Write them; a line on what was written."""
    kinds: Counter[str] = Counter()

    def counted() -> Iterator[Example]:
        for example in training_examples(data, xquad, seed, mix):
            kinds[f"{'check' if example.answer is not None else 'read'} {example.kind}"] += 1
            yield example

    count = write_examples(out, counted())
    return f"{count} examples: " + ", ".join(f"{k} {n}" for k, n in sorted(kinds.items()))
