"""Which subjects are found among the questions that were not answered."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest

from app.answering.gaps import MOST, ClosestPassage, Gap, _apart, by_topic, cluster, find_gaps
from app.index.words import WordCutter
from app.library.library import Library, open_library
from app.library.tables import now
from app.models.embedding import Embedder, Matrix
from app.settings import Settings

# Five subjects that a handbook might lack; ten questions each in either language.
SUBJECTS = {
    "canteen": (
        ["When does the canteen open", "What does lunch in the canteen cost", "Is there vegetarian food in the canteen",
         "Who runs the canteen", "Can guests eat in the canteen"],
        ["食堂几点开门", "食堂的午餐多少钱", "食堂有素食吗", "谁负责食堂", "访客可以在食堂吃饭吗"],
    ),
    "parking": (
        ["Where can I park my car", "What does a parking space cost", "How do I get a parking permit",
         "Are there parking spaces for visitors", "Can I charge an electric car in the car park"],
        ["停车位在哪里", "停车费是多少", "如何申请停车证", "访客有停车位吗", "停车场可以给电动车充电吗"],
    ),
    "holidays": (
        ["How many days of annual leave do I have", "How do I apply for leave", "Does unused leave expire",
         "Can I take unpaid leave", "Who approves my leave"],
        ["年假有多少天", "如何申请年假", "未休的年假会过期吗", "可以请无薪假吗", "谁批准我的休假"],
    ),
    "expenses": (
        ["How do I claim travel expenses", "What is the daily allowance on business trips", "Which receipts are needed for expenses",
         "When are travel expenses paid back", "Can I book first class on a business trip"],
        ["差旅费如何报销", "出差每天的补贴是多少", "报销差旅费需要哪些发票", "差旅报销多久到账", "出差可以坐头等舱吗"],
    ),
    "password": (
        ["How do I reset my password", "How often must passwords be changed", "How long must a password be",
         "My account is locked after wrong passwords", "Which password manager is allowed"],
        ["如何重置密码", "密码多久必须更换一次", "密码至少要多长", "密码输错后账号被锁定了", "允许使用哪个密码管理器"],
    ),
}  # fmt: skip
ENDINGS = ("?", " this year?")
ENDINGS_ZH = ("？", "，请问？")


def gap(question: str, reason: str = "low_relevance", minutes: int = 0) -> Gap:
    closest = (ClosestPassage("d", "Handbook", "file:///handbook.md", "Nothing of it."),)
    asked_at = now() - timedelta(minutes=minutes)
    return Gap(question, "refused", reason, asked_at, closest)


def simulated() -> list[tuple[str, str]]:
    """(subject, question)."""
    found = []
    for subject, (english, chinese) in SUBJECTS.items():
        found += [(subject, text + end) for text, end in product(english, ENDINGS)]
        found += [(subject, text + end) for text, end in product(chinese, ENDINGS_ZH)]
    return found


def test_five_subjects_in_two_languages_are_found_and_named(
    real_embedder: Embedder, settings: Settings
) -> None:
    asked = simulated()
    count = len(asked)
    assert count == 100
    subject_of = {question: subject for subject, question in asked}
    gaps = [gap(question, minutes=place) for place, (_, question) in enumerate(asked)]
    cutter = WordCutter(settings.models / "jieba")
    topics = by_topic(gaps, real_embedder.embed_passages, cutter)
    labels = cluster_labels(real_embedder, list(subject_of))
    by_label: dict[int, list[str]] = {}
    for question, label in labels.items():
        by_label.setdefault(label, []).append(subject_of[question])
    pure = sum(max(Counter(subjects).values()) for subjects in by_label.values())
    assert pure / count >= 0.95, "hardly a question is among those of another subject"
    large = [topic for topic in topics if topic.count >= 5]
    assert len(large) <= 10, "each subject is one topic, or one in each language"
    found = {
        Counter(subject_of[q] for q in topic.questions).most_common(1)[0][0] for topic in large
    }
    assert found == set(SUBJECTS)
    assert sum(topic.count for topic in large) >= 0.85 * count
    names = " ".join(topic.name for topic in large)
    for either in (
        ("canteen", "食堂"),
        ("parking", "停车"),
        ("leave", "年假"),
        ("expenses", "报销", "出差"),
        ("password", "密码"),
    ):
        assert any(word in names for word in either), (either, names)
    assert all(topic.verdict == "missing" for topic in large)


def test_a_topic_is_not_named_twice_by_one_word(settings: Settings) -> None:
    cutter = WordCutter(settings.models / "jieba")
    asked = ["健身房几点开门？", "健身房要会员费吗？", "健身房可以带朋友吗？"]

    def together(questions: Sequence[str]) -> Matrix:
        return np.eye(4, dtype=np.float32)[[0] * len(questions)]

    [topic] = by_topic([gap(text) for text in asked[:2]], together, cutter)
    names = topic.name.split(" · ")
    assert "健身房" in names
    assert "健身" not in names


def cluster_labels(embedder: Embedder, questions: list[str]) -> dict[str, int]:
    return dict(zip(questions, cluster(_apart(questions, embedder.embed_passages)), strict=True))


def test_clusters_are_what_lies_together() -> None:
    one, two = np.array([1.0, 0, 0], np.float32), np.array([0, 1.0, 0], np.float32)
    near = np.array([0.9, 0.1, 0.0], np.float32)
    near /= np.linalg.norm(near)
    labels = cluster(np.stack([one, two, near, two]), 0.5)
    assert labels[0] == labels[2]
    assert labels[1] == labels[3]
    assert labels[0] != labels[1]
    assert cluster(np.stack([one]), 0.5) == [0]


def test_the_verdict_follows_what_users_say(settings: Settings) -> None:
    cutter = WordCutter(settings.models / "jieba")

    def together(questions: Sequence[str]) -> Matrix:
        return np.ones((len(questions), 4), np.float32)

    [missing] = by_topic([gap("parking?")], together, cutter)
    assert (missing.verdict, missing.count, missing.name) == ("missing", 1, "parking")
    wrongly = Gap("parking?", "disliked", "should_answer", now(), ())
    [judged] = by_topic([wrongly, gap("parking?")], together, cutter)
    assert judged.verdict == "refused_wrongly"
    two = Gap("parking fee?", "differing", "", now(), ())
    [differ] = by_topic([two, gap("parking?")], together, cutter)
    assert (differ.verdict, differ.counts) == ("contradict", {"differing": 1, "refused": 1})
    bad = Gap("parking fee?", "disliked", "wrong", now(), ())
    [badly] = by_topic([bad], together, cutter)
    assert badly.verdict == "answered_badly"
    assert by_topic([], together, cutter) == []


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    library = open_library(settings)
    yield library
    library.close()


def keep(library: Library, question: str, kb: str = "default", **answer: Any) -> str:
    kept = library.conversations
    turn = kept.ask(question, conversation_id=None, kb=kb)
    kept.finish(turn.id, "done", answer={"answer": "x", "answered": True, **answer})
    return turn.conversation_id


OTHER = {"chunk_id": "a", "document_id": "a", "text": "a", "start": 0, "end": 1, "title": "Other"}
CITED = {**OTHER, "chunk_id": "b", "document_id": "b", "title": "Cited", "cited": True}


def refusal(reason: str = "low_relevance") -> dict[str, Any]:
    return {"answered": False, "refusal": {"reason": reason, "message": "x"}}


def test_gaps_are_refusals_unsupported_statements_and_dislikes(library: Library) -> None:
    keep(library, "answered?", statements=[{"start": 0, "end": 1, "supported": True}])
    keep(library, "refused?", **refusal())
    keep(library, "refused?", **refusal())
    keep(library, "unsupported?", statements=[{"start": 0, "end": 1, "supported": False}])
    keep(library, "which of the two?", kind="quotes", differ=True, retrieved=[OTHER, CITED])
    keep(library, "elsewhere?", kb="other", **refusal())
    gone = keep(library, "deleted?", **refusal())
    library.conversations.delete(gone)
    keep(library, "and there?", standalone_question="And in Paris?", **refusal())
    for helpful, question in ((False, "disliked?"), (True, "liked?")):
        library.feedback.add(
            kb="default",
            helpful=helpful,
            reason="wrong" if not helpful else "",
            comment="",
            question=question,
            answer={"answer": "x", "answered": True},
            version="1",
        )
    found = {(each.question, each.kind) for each in find_gaps(library, "default")}
    assert found == {
        ("refused?", "refused"),
        ("unsupported?", "unsupported"),
        ("which of the two?", "differing"),
        ("And in Paris?", "refused"),
        ("disliked?", "disliked"),
    }
    [two] = [gap for gap in find_gaps(library, "default") if gap.kind == "differing"]
    assert [each.title for each in two.closest] == ["Cited", "Other"], "what differs stands first"


def test_a_thousand_questions_take_seconds(settings: Settings) -> None:
    rng = np.random.default_rng(1)
    labels = cluster((rng.normal(size=(MOST, 16)) / 4).astype(np.float32), 0.25)
    assert len(labels) == MOST
