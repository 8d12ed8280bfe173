"""Test sets: questions whose answers, and the documents that hold them, are known.

Three forms are read: SQuAD-style JSON (XQuAD, CMRC 2018 in both its forms), RGB's JSON
lines, and groundkb's own golden JSON lines (docs/evaluation.md), which name documents of
the owner's library instead of carrying text.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from app.errors import Language, Phrase, RequestInvalid
from app.text.language import detect_language

Form = Literal["xquad", "squad", "cmrc", "rgb", "golden"]
Slice = Literal["all", "tune", "report"]


@dataclass(frozen=True)
class GoldDocument:
    """`key` is unique in the set and safe as a file name."""

    key: str
    text: str


@dataclass(frozen=True)
class GoldQuestion:
    """`documents` are keys of the documents that hold the answer (any of them will do); for a
    golden set, what their source ends with. Every group of `answers` is a choice of wordings, and a
    right answer holds one wording of each group. `answerable` False: no document holds it. `article`
    counts the articles of a set that has them, from 0. `kind`: of a golden set that has kinds, '' else.
    """

    id: str
    text: str
    answers: tuple[tuple[str, ...], ...]
    documents: tuple[str, ...]
    answerable: bool = True
    article: int | None = None
    kind: str = ""


@dataclass(frozen=True)
class Dataset:
    """`documents` is empty for a golden set: its documents are files of the owner."""

    name: str
    language: Language
    documents: tuple[GoldDocument, ...]
    questions: tuple[GoldQuestion, ...]


def load(path: Path, form: Form) -> Dataset:
    """Read a test set. Raises RequestInvalid when the file is missing or not of that form."""
    try:
        if form in ("xquad", "squad", "cmrc"):
            documents, questions = _squad(json.loads(path.read_text("utf-8")))
        elif form == "rgb":
            documents, questions = _rgb(_lines(path))
        else:
            documents, questions = [], list(_golden(_lines(path)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RequestInvalid(
            detail=Phrase("no_test_set", path=path, form=form, error=error)
        ) from error
    if not questions:
        raise RequestInvalid(detail=Phrase("no_questions_in", path=path))
    ids = [question.id for question in questions]
    if len(set(ids)) != len(ids):
        raise RequestInvalid(detail=Phrase("question_ids_twice", path=path))
    chinese = sum(detect_language(question.text) == "zh" for question in questions)
    language: Language = "zh" if chinese * 2 > len(questions) else "en"
    return Dataset(f"{form}-{language}", language, tuple(documents), tuple(questions))


def pick(questions: Iterable[GoldQuestion], part: Slice, limit: int | None) -> list[GoldQuestion]:
    """The questions of a slice, in an order that depends on their ids alone, at most `limit`.

    `tune` and `report` are disjoint, so that a threshold found on one is judged on the other: of a set
    with articles the even and the odd ones (the reader was trained on XQuAD's even articles, never
    on an odd one), of another its halves by the hash of the id. A small `limit` is a fair
    sample instead of the file's first topic.
    """
    ordered = sorted(questions, key=lambda question: _hash(question.id))
    chosen = [
        question for question in ordered if part == "all" or (part == "tune") == _is_even(question)
    ]
    return chosen[:limit]


def _is_even(question: GoldQuestion) -> bool:
    number = _hash(question.id) if question.article is None else question.article
    return number % 2 == 0


def asked_in_other_words(dataset: Dataset, questions: Dataset) -> Dataset:
    """`dataset` with the texts of `questions` of equal id: questions in another language over the same
    documents. Raises RequestInvalid when none has an equal."""
    texts = {question.id: question.text for question in questions.questions}
    found = tuple(
        replace(question, text=texts[question.id])
        for question in dataset.questions
        if question.id in texts
    )
    if not found:
        raise RequestInvalid(
            detail=Phrase("no_question_of_id", questions=questions.name, dataset=dataset.name)
        )
    return replace(dataset, name=f"{dataset.name}-asked-in-{questions.language}", questions=found)


def balanced(questions: Sequence[GoldQuestion], limit: int | None) -> list[GoldQuestion]:
    """At most `limit` answerable and `limit` unanswerable questions, in the order given.

    A set that has unanswerable questions of its own is taken as it is; another is halved.
    """
    if all(question.answerable for question in questions):
        questions = halve(questions)
    if limit is None:
        return list(questions)
    kept = []
    counts = {True: 0, False: 0}
    for question in questions:
        if counts[question.answerable] < limit:
            counts[question.answerable] += 1
            kept.append(question)
    return kept


def halve(questions: Sequence[GoldQuestion]) -> list[GoldQuestion]:
    """Make every second question unanswerable, by declaration: whoever runs it must keep the gold
    documents out of what may be retrieved. Questions unanswerable by themselves stay so.
    """
    return [
        replace(question, answerable=False) if place % 2 else question
        for place, question in enumerate(questions)
    ]


def _hash(identifier: str) -> int:
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:8], "big")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8-sig").splitlines():
        if line.strip():
            yield json.loads(line)


def _squad(data: Any) -> tuple[list[GoldDocument], list[GoldQuestion]]:
    documents: list[GoldDocument] = []
    questions: list[GoldQuestion] = []
    for article, context, items in _squad_paragraphs(data):
        key = f"p{len(documents):05d}"
        documents.append(GoldDocument(key, context))
        for item in items:
            answers = item.get("answers", [])
            wordings = tuple(
                dict.fromkeys(a["text"] if isinstance(a, dict) else a for a in answers)
            )
            identifier = str(item.get("id") or item["query_id"])
            text = item.get("question") or item["query_text"]
            impossible = bool(item.get("is_impossible", False))
            questions.append(
                GoldQuestion(
                    identifier,
                    text,
                    () if impossible else (wordings,),
                    () if impossible else (key,),
                    not impossible,
                    article,
                )
            )
    return documents, questions


def _squad_paragraphs(data: Any) -> Iterator[tuple[int | None, str, list[dict[str, Any]]]]:
    if isinstance(data, list):  # CMRC 2018 as first published
        for paragraph in data:
            yield None, paragraph["context_text"], paragraph["qas"]
        return
    # A set of one article is split by question.
    split = len(data["data"]) > 1
    for number, article in enumerate(data["data"]):
        for paragraph in article["paragraphs"]:
            yield number if split else None, paragraph["context"], paragraph["qas"]


def _rgb(
    items: Iterable[dict[str, Any]],
) -> tuple[list[GoldDocument], list[GoldQuestion]]:
    documents: list[GoldDocument] = []
    keys: dict[str, str] = {}

    def keep(text: str) -> str:
        if text not in keys:
            keys[text] = f"p{len(documents):05d}"
            documents.append(GoldDocument(keys[text], text))
        return keys[text]

    questions: list[GoldQuestion] = []
    for item in items:
        gold = tuple(dict.fromkeys(keep(text) for text in _flat(item["positive"])))
        for text in _flat(item["negative"]):
            keep(text)
        questions.append(
            GoldQuestion(str(item["id"]), item["query"], _groups(item["answer"]), gold)
        )
    return documents, questions


def _flat(texts: list[Any]) -> Iterator[str]:
    for text in texts:
        if isinstance(text, list):
            yield from _flat(text)
        else:
            yield text


def _groups(answer: Any) -> tuple[tuple[str, ...], ...]:
    """RGB: a string or a list of strings is one choice; a list of lists wants one of each."""
    if isinstance(answer, str):
        return ((answer,),)
    if any(isinstance(group, list) for group in answer):
        return tuple(tuple(group) if isinstance(group, list) else (group,) for group in answer)
    return (tuple(answer),)


def _golden(items: Iterable[dict[str, Any]]) -> Iterator[GoldQuestion]:
    known = {"id", "question", "answers", "points", "document", "documents", "answerable", "kind"}
    for number, item in enumerate(items, 1):
        unknown = sorted(item.keys() - known)
        if unknown:
            raise ValueError(f"line {number}: unknown {', '.join(unknown)}")
        answerable = item.get("answerable", True)
        answers = item.get("answers", [])
        documents = item.get("documents") or ([item["document"]] if item.get("document") else [])
        if not isinstance(answerable, bool):
            raise ValueError(f"line {number}: answerable must be true or false")
        # What an answer must hold, all of it: one point a group, each in any of its wordings.
        points = tuple(tuple(point) for point in item.get("points", []))
        groups = points or ((tuple(answers),) if answers else ())
        if answerable and not (groups and documents):
            raise ValueError(f"line {number}: an answerable question needs answers and a document")
        yield GoldQuestion(
            str(item.get("id", f"q{number:04d}")),
            item["question"],
            groups,
            tuple(documents),
            answerable,
            kind=str(item.get("kind", "")),
        )
