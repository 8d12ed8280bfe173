"""`python -m bench day`: a day of 300 questions to the sample library, and what its owner learns from it.

A hundred are about five subjects that the library holds nothing on (`day.toml`), in both languages; two hundred are
answered by it. Who is refused an answer that the library holds says so. Two documents that contradict each other
are asked about, too. Then the owner writes ten answers, and other wordings and near misses of each are asked.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from app.answering.gaps import by_topic, find_gaps
from app.api.auth import OPERATOR_HEADER
from app.runtime import open_storage
from app.settings import load_settings
from bench.serving import SAMPLES, serving_filled

DAY: Final = Path(__file__).with_name("day.toml")
ANSWERED: Final = 200
_LARGE: Final = 5  # questions of a topic that an owner will look at
_FERRY: Final = (
    "# Ferry tariff (valid from {year})\n\nThe ferry tariff for a cargo bicycle is {sum} euros.\n"
)
_FERRY_ASKED: Final = (
    "What is the ferry tariff for a cargo bicycle?",
    "Which tariff has the ferry for a cargo bicycle?",
    "Ferry tariff of a cargo bicycle?",
    "Tell me the ferry tariff for a cargo bicycle.",
)


@dataclass(frozen=True)
class Asked:
    """`subject` '' of what the library answers."""

    question: str
    subject: str


def the_day() -> list[Asked]:
    """All questions, in an order of their own."""
    known = tomllib.loads(DAY.read_text("utf-8"))
    asked = [Asked(text, each["name"]) for each in known["subject"] for text in each["questions"]]
    answered = [
        case["question"]
        for name in ("golden", "lookups", "questions")
        for line in (SAMPLES / f"{name}.jsonl").read_text("utf-8").splitlines()
        if (case := json.loads(line))["answerable"]
    ]
    chosen = list(dict.fromkeys(answered))[:ANSWERED]
    asked += [Asked(text, "") for text in chosen]
    random.Random(11).shuffle(asked)
    return asked


async def ask_all(client: httpx.AsyncClient, asked: Sequence[Asked]) -> dict[str, dict[str, Any]]:
    """The answers by question; refusals of what the library answers are judged."""
    found = {}
    for each in asked:
        body = {"question": each.question, "conversation_id": "new"}
        answer = (await client.post("/ask", json=body)).raise_for_status().json()
        found[each.question] = answer
        if not answer["answered"] and not each.subject:
            judged = {"question": each.question, "answer": answer, "helpful": False}
            judged["reason"] = "should_answer"
            (await client.post("/feedback", json=judged)).raise_for_status()
    return found


async def curate(client: httpx.AsyncClient) -> tuple[int, int, int, int]:
    """How many other wordings got the owner's answer, of how many; and how many near misses, of how many."""
    listed = (await client.get("/documents", params={"limit": 200})).raise_for_status().json()
    ids = {httpx.URL(each["source"]).path.rpartition("/")[2]: each["id"] for each in listed["documents"]}  # fmt: skip
    cases = tomllib.loads(DAY.read_text("utf-8"))["curated"]
    for case in cases:
        quote = {"document_id": ids[case["document"]], "quote": case["quote"]}
        body = {"question": case["question"], "answer": case["answer"], "quotes": [quote]}
        path = "/knowledge-bases/default/curated-answers"
        (await client.post(path, json=body)).raise_for_status()
    given = []
    for kind in ("same", "near"):
        wordings = [text for case in cases for text in case[kind]]
        kinds = [(await client.post("/ask", json={"question": text})).raise_for_status().json() for text in wordings]  # fmt: skip
        served = [text for text, answer in zip(wordings, kinds, strict=True) if answer["kind"] == "curated"]  # fmt: skip
        if kind == "near":
            for text in served:
                print(f"- taken for another question: {text}")
        given += [len(served), len(wordings)]
    return given[0], given[1], given[2], given[3]


def tell_topics(data: Path, asked: Sequence[Asked]) -> list[str]:
    """Prints the topics of the owner's report; returns the subjects that are not found or not named."""
    known = tomllib.loads(DAY.read_text("utf-8"))["subject"]
    subject_of = {each.question: each.subject for each in asked}
    storage = open_storage(load_settings(data=data, log_level="error"))
    try:
        topics = by_topic(
            find_gaps(storage.library, "default"),
            storage.embedder.embed_passages,
            storage.sparse.cutter,
        )
    finally:
        storage.close()
    print("| questions | named | seems to be | examples of |\n|--:|---|---|---|")
    found = set()
    small: Counter[str] = Counter()
    for topic in topics:
        if topic.count < _LARGE and topic.verdict != "contradict":
            small[topic.verdict] += topic.count
            continue
        of = [subject_of.get(text, "ferry") or "what is answered" for text in topic.questions]
        most = max(sorted(set(of)), key=of.count)
        words: list[str] = next((each["words"] for each in known if each["name"] == most), [])
        if any(word in topic.name for word in words):
            found.add(most)
        shares = ", ".join(f"{name} {of.count(name)}" for name in sorted(set(of)))
        print(f"| {topic.count} | {topic.name} | {topic.verdict} | {shares} |")
    rest = ", ".join(f"{verdict} {count}" for verdict, count in sorted(small.items()))
    print(f"\nQuestions in smaller topics: {rest}.\n")
    return [each["name"] for each in known if each["name"] not in found]


async def the_questions(url: str, token: str, asked: Sequence[Asked]) -> None:
    headers = {OPERATOR_HEADER: token}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=600) as client:
        started = time.perf_counter()
        found = await ask_all(client, asked)
        seconds = time.perf_counter() - started
        missing = [found[each.question] for each in asked if each.subject]
        held = [found[each.question] for each in asked if not each.subject]
        refused = sum(not answer["answered"] for answer in missing)
        answered = sum(answer["answered"] for answer in held)
        print(
            f"{len(asked)} questions in {seconds:.0f} s: of {len(missing)} that the library does not answer {refused} "
            f"refused, of {len(held)} others {answered} answered.\n"
        )
        await ask_all(client, [Asked(text, "ferry") for text in _FERRY_ASKED])
        same, of, near, of_near = await curate(client)
        print(
            f"Answers of the owner's: given to {same} of {of} other wordings and to {near} of {of_near} near misses.\n"
        )


def main() -> None:
    asked = the_day()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ferry").mkdir()
        for year, euros in ((2019, 12), (2025, 17)):
            (folder / "ferry" / f"ferry-{year}.md").write_text(_FERRY.format(year=year, sum=euros))
        print("## A day of questions\n")
        roots = (SAMPLES / "library", SAMPLES / "lookups", folder / "ferry")
        with serving_filled(folder, *roots) as (url, token):
            asyncio.run(the_questions(url, token, asked))
        lost = tell_topics(folder / "data", asked)
    if lost:
        sys.exit(f"not found and named: {', '.join(lost)}")


if __name__ == "__main__":
    main()
