"""The gate by itself: how well the reader's scores part questions that the documents answer from others.

No chat model is loaded. Each answerable question is two cases: as asked, and with the documents that
hold its answer left out of what is found, when only a refusal is right.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.answering.answerable import FEATURES, FEATURES_CROSSED, AnswerGate, Model, features_of
from app.answering.calibration import with_entries
from app.answering.read import ReadHit, ReadResult, measured, read_hits
from app.answering.retrieve import retrieve
from app.errors import Language, Phrase, RequestInvalid
from app.evaluation.corpus import KB, Corpus
from app.evaluation.datasets import GoldQuestion
from app.evaluation.metrics import Interval, auroc, proportion
from app.evaluation.regression import regress
from app.models.reading import Reader
from app.text.language import detect_language

# More hits than the gate sees are read, so that as many remain without the gold ones.
_SPARE: Final = 2
# Fewer cases of either kind move the threshold alone; fewer than LEAST leave what there was.
_FOR_WEIGHTS: Final = 40
LEAST: Final = 5
_FOLDS: Final = 5
_TURNS: Final = 3


@dataclass(frozen=True)
class Case:
    """What was read for one question. `gold`: the ids of the documents that hold its answer, empty for a
    case without one."""

    id: str
    language: Language
    answerable: bool
    hits: tuple[ReadHit, ...]
    gold: frozenset[str] = frozenset()

    @property
    def crossed(self) -> bool:
        """Whether the hit that the reader likes best is in another language than the question."""
        nearest = max(self.hits, key=lambda item: -1e9 if item.answers is None else item.answers)
        return nearest.crossed(self.language)


@dataclass(frozen=True)
class GateFigures:
    """`auroc` over the nearest hits' scores above their threshold; the shares with 95% Wilson
    intervals. `top_1`: a gold document has the best score of what was read."""

    auroc: float
    refusal_recall: Interval
    refusal_precision: Interval
    false_refusals: Interval
    top_1: Interval

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def read_cases(
    corpus: Corpus,
    questions: Sequence[GoldQuestion],
    reader: Reader,
    *,
    passages: int,
    seconds: float,
    on_question: Callable[[], None] = lambda: None,
) -> list[Case]:
    """Search and read for every question. Raises as retrieval and reading do."""
    storage = corpus.storage
    space = storage.indexes.reading(KB)
    cases: list[Case] = []
    for question in questions:
        gold, language = corpus.gold(question), detect_language(question.text)
        found = retrieve(
            storage.library,
            space,
            storage.sparse,
            question.text,
            kb=KB,
            limit=passages + _SPARE,
        )
        read = read_hits(reader, question.text, found.hits, seconds=seconds)
        hits = tuple(item for item in read.hits if item.answers is not None)
        others = [item for item in hits if item.hit.passage.document_id not in gold][:passages]
        if question.answerable and hits:
            own = measured(question.text, hits[:passages])
            cases.append(Case(question.id, language, True, tuple(own), gold))
        if others:
            # They stand among themselves, as if the gold ones had never been found.
            cases.append(Case(question.id, language, False, tuple(measured(question.text, others))))
        on_question()
    return cases


def figures_of(cases: Sequence[Case], gate: AnswerGate) -> GateFigures:
    """What the gate makes of the cases."""
    return _figures(cases, [_judged(case, gate) for case in cases])


@dataclass(frozen=True)
class Fit:
    """`entry` goes into a calibration file; `expected` are the figures of held-out folds: what other
    questions over the same documents can expect."""

    entry: Mapping[str, Any]
    expected: GateFigures


def fit(
    cases: Sequence[Case],
    base: AnswerGate,
    *,
    reader: str,
    dataset: str,
    wanted_recall: float,
    today: date | None = None,
) -> list[Fit]:
    """A fit for each pair of languages with enough cases, found on all of them; what to expect is
    found by cross-validation over questions.

    The threshold is the lowest that refuses `wanted_recall` of the unanswerable. With few cases
    `base`'s weights stay and the threshold goes to where the two error rates sum least. Raises
    RequestInvalid when no pair of languages has 5 answerable and 5 unanswerable cases.
    """
    groups: dict[tuple[Language, bool], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.language, case.crossed), []).append(case)
    fits = []
    for (language, crossed), mine in sorted(groups.items()):
        answerable = sum(case.answerable for case in mine)
        if min(answerable, len(mine) - answerable) < LEAST:
            continue
        known = base.model(language, crossed)
        model = _model(mine, known, wanted_recall)
        expected = _expected(mine, known, wanted_recall)
        entry = {
            "reader": reader.partition(" ")[0],
            "language": language,
            "crossed": crossed,
            "weights": {name: round(weight, 4) for name, weight in model.weights.items()},
            "bias": round(model.bias, 4),
            "threshold": round(model.threshold, 4),
            "provenance": {
                "dataset": dataset,
                "date": (today or date.today()).isoformat(),
                "answerable": answerable,
                "unanswerable": len(mine) - answerable,
                "auroc": round(expected.auroc, 3),
                "refusal_recall": round(expected.refusal_recall.value, 3),
                "false_refusals": round(expected.false_refusals.value, 3),
            },
        }
        fits.append(Fit(entry, expected))
    if not fits:
        raise RequestInvalid(detail=Phrase("calibration_needs", least=LEAST))
    return fits


def merge(text: str | None, fits: Sequence[Fit]) -> str:
    """A calibration file, `text` or a new one, with the fits' entries in place of those for the same
    reader and languages."""
    tables = with_entries(json.loads(text or "{}"), [dict(found.entry) for found in fits])
    return json.dumps(tables, ensure_ascii=False, indent=2) + "\n"


def _expected(cases: Sequence[Case], known: Model, wanted_recall: float) -> GateFigures:
    """Each case judged by a model found on the questions of the other folds."""
    names = sorted({case.id for case in cases})
    fold = {name: place % _FOLDS for place, name in enumerate(names)}
    judged = []
    models = {}
    for number in range(min(_FOLDS, len(names))):
        rest = [case for case in cases if fold[case.id] != number]
        models[number] = _model(rest, known, wanted_recall)
    for case in cases:
        key = (case.language, case.crossed)
        judged.append(_judged(case, AnswerGate({key: models[fold[case.id]]})))
    return _figures(cases, judged)


def _model(cases: Sequence[Case], known: Model, wanted_recall: float) -> Model:
    truth = np.array([case.answerable for case in cases], bool)
    if not truth.any() or truth.all():
        return known
    few = min(truth.sum(), (~truth).sum()) < _FOR_WEIGHTS
    features = [[features_of(item) for item in case.hits] for case in cases]
    if not few:
        # What counts is the hit that the weights like best, and it decides what they become: they are found
        # in turns, from the reader's own.
        known = Model({"answers": 1.0}, 0.0, 0.0)
        weighed = FEATURES_CROSSED if cases[0].crossed else FEATURES
        for _ in range(_TURNS):
            nearest = [max(found, key=known.score) for found in features]
            values = np.array([[found[name] for name in weighed] for found in nearest])
            weights, bias = regress(values, truth)
            named = dict(zip(weighed, map(float, weights), strict=True))
            known = Model(named, bias, 0.0)
    scores = np.array([max(map(known.score, found)) for found in features])
    steps = np.unique(scores)
    between = np.concatenate([[steps[0] - 1], (steps[1:] + steps[:-1]) / 2, [steps[-1] + 1]])
    recall = np.array([(scores[~truth] < step).mean() for step in between])
    lost = np.array([(scores[truth] < step).mean() for step in between])
    if few:
        cost = (1 - recall) + lost + 0.001 * np.abs(between - known.threshold)
        return replace(known, threshold=float(between[int(cost.argmin())]))
    return replace(known, threshold=float(between[int((recall >= wanted_recall).argmax())]))


def _judged(case: Case, gate: AnswerGate) -> tuple[float, bool]:
    """Log-odds above the threshold, and whether a gold document comes first by them."""
    decision = gate.decide(ReadResult(case.hits, len(case.hits), "", 0.0), case.language)
    nearest = decision.nearest
    first = nearest is not None and nearest.hit.passage.document_id in case.gold
    return (decision.score or 0.0) - decision.threshold, first


def _figures(cases: Sequence[Case], judged: Sequence[tuple[float, bool]]) -> GateFigures:
    truth = np.array([case.answerable for case in cases], bool)
    scores: NDArray[np.float64] = np.array([above for above, _ in judged], float)
    refused = scores < 0
    firsts = [first for case, (_, first) in zip(cases, judged, strict=True) if case.gold]
    rightly = int((refused & ~truth).sum())
    return GateFigures(
        auroc(list(scores[truth]), list(scores[~truth])),
        proportion(rightly, int((~truth).sum())),
        proportion(rightly, int(refused.sum())),
        proportion(int((refused & truth).sum()), int(truth.sum())),
        proportion(sum(firsts), len(firsts)),
    )
