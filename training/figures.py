"""`python -m training figures`: how well an adapter tells right from wrong, by kind of negative."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from app.evaluation.metrics import auroc
from app.models.reading import Reader
from training.example import Example

# The groups of the published table, in its order.
GROUPS = ("zh", "en", "en→zh", "zh→en")


def group_of(example: Example) -> str:
    """The question's language, or 'question→passage' where they differ."""
    if not example.crossed:
        return example.language
    return "en→zh" if example.language == "en" else "zh→en"


def score(reader: Reader, examples: Sequence[Example]) -> list[float]:
    """Each example's score, of the task that it is for."""
    found = []
    for example in examples:
        if example.answer is None:
            found.append(reader.read(example.question, [example.passage])[0].answers)
        else:
            found.append(
                float(reader.check(example.question, example.answer, [example.passage])[0])
            )
    return found


def by_kind(
    examples: Sequence[Example], scores: Sequence[float]
) -> Mapping[tuple[str, str, str], tuple[float, int]]:
    """(AUROC of right pairs over wrong ones of that kind, number of wrong ones) by (task, kind, group)."""
    right: dict[tuple[str, str], list[float]] = defaultdict(list)
    wrong: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for example, value in zip(examples, scores, strict=True):
        task = "read" if example.answer is None else "check"
        if example.right:
            right[task, group_of(example)].append(value)
        else:
            wrong[task, example.kind, group_of(example)].append(value)
    return {
        (task, kind, group): (auroc(right[task, group], values), len(values))
        for (task, kind, group), values in wrong.items()
        if right[task, group]
    }


def table(systems: Mapping[str, Mapping[tuple[str, str, str], tuple[float, int]]]) -> str:
    """Markdown: a row for each task and kind, and in each cell the systems' AUROC in their order."""
    first = next(iter(systems.values()))
    lines = [
        f"AUROC, {' / '.join(systems)}",
        "",
        f"| task, wrong pairs | {' | '.join(GROUPS)} |",
        f"|---|{'---|' * len(GROUPS)}",
    ]
    for task, kind in sorted({(task, kind) for task, kind, _ in first}, reverse=True):
        cells = []
        for group in GROUPS:
            values = [found.get((task, kind, group)) for found in systems.values()]
            count = values[0][1] if values[0] else 0
            shown = " / ".join("–" if v is None else f"{v[0]:.3f}" for v in values)
            cells.append(f"{shown} ({count})" if count else "–")
        lines.append(f"| {task}, {kind} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def sample(examples: Iterable[Example], each: int) -> list[Example]:
    """At most `each` of every (task, kind, right, group), the first ones."""
    kept: dict[tuple[bool, str, bool, str], int] = defaultdict(int)
    found = []
    for example in islice(examples, 1_000_000):
        key = (example.answer is None, example.kind, example.right, group_of(example))
        limit = each * 3 if example.right else each
        if kept[key] < limit:
            kept[key] += 1
            found.append(example)
    return found
