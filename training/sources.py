"""Question-answer data, given by path: documents of passages with questions.

`data.json.xz` holds lists of documents by name, a document being a list of `{"text", "qs": [{"q",
"a", "s"}]}`; `cedict.json.xz` English glosses by Chinese word; `xquad.zh.json` and `xquad.en.json` the
two languages of XQuAD. Of XQuAD only the articles of even number are given out for training.
"""

import json
import lzma
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

Parity = Literal["even", "odd"]
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question whose answer is `passage[start:start + len(answer)]`; None: the whole passage answers.
    `other` is the question in the other language, where the data has it."""

    text: str
    answer: str | None
    start: int
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A passage and what is asked of it."""

    text: str
    asked: tuple[Asked, ...]


Documents = Sequence[Sequence[Text]]


def read_sources(folder: Path) -> dict[str, Documents]:
    """The collections of `data.json.xz` by name."""
    data = json.loads(lzma.decompress((folder / "data.json.xz").read_bytes()))
    return {
        name: [
            [
                Text(p["text"], tuple(Asked(q["q"], q["a"], q["s"]) for q in p["qs"]))
                for p in document
            ]
            for document in documents
        ]
        for name, documents in data.items()
    }


def read_xquad(folder: Path, parity: Parity) -> dict[str, Documents]:
    """`zh` and `en`, the articles of one parity (the first article is number 0), in equal order."""
    raw = {
        language: json.loads((folder / f"xquad.{language}.json").read_text("utf-8"))["data"]
        for language in ("zh", "en")
    }
    other = {
        (language, item["id"]): item["question"]
        for language, articles in raw.items()
        for article in articles
        for paragraph in article["paragraphs"]
        for item in paragraph["qas"]
    }
    wanted = 0 if parity == "even" else 1

    def text(language: str, paragraph: Mapping[str, Any]) -> Text:
        second = "en" if language == "zh" else "zh"
        return Text(
            paragraph["context"],
            tuple(
                Asked(
                    item["question"],
                    item["answers"][0]["text"],
                    item["answers"][0]["answer_start"],
                    other.get((second, item["id"])),
                )
                for item in paragraph["qas"]
            ),
        )

    return {
        language: [
            [text(language, paragraph) for paragraph in article["paragraphs"]]
            for number, article in enumerate(articles)
            if number % 2 == wanted
        ]
        for language, articles in raw.items()
    }


class Glosses:
    """Turns a question into the other language word by word: crude, but the words are the right ones."""

    def __init__(self, folder: Path) -> None:
        self._english: dict[str, list[str]] = json.loads(
            lzma.decompress((folder / "cedict.json.xz").read_bytes())
        )
        self._chinese: dict[str, list[str]] = {}
        for word, meanings in self._english.items():
            for meaning in meanings:
                if " " not in meaning:
                    self._chinese.setdefault(meaning.lower(), []).append(word)
        for found in self._chinese.values():
            found.sort(key=len)

    def to_english(self, text: str, random: Random) -> str:
        """Longest words first; what is not in the dictionary stays."""
        parts, place = [], 0
        while place < len(text):
            for size in (5, 4, 3, 2, 1):
                word = text[place : place + size]
                if len(word) == size and word in self._english:
                    parts.append(f" {random.choice(self._english[word])} ")
                    break
            else:
                size = 1
                parts.append(text[place])
            place += size
        return " ".join("".join(parts).split())

    def to_chinese(self, text: str, random: Random) -> str:
        """Words in the dictionary; names and the rest stay as they are."""
        parts = []
        for word in re.findall(r"[A-Za-z]+|[^A-Za-z]+", text):
            found = self._chinese.get(word.lower())
            if found is None and word.lower().endswith("s"):
                found = self._chinese.get(word.lower()[:-1])
            parts.append(random.choice(found[:3]) if found else word)
        return re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", "".join(parts))


def is_chinese(text: str) -> bool:
    """By its share of Han characters."""
    return len(_HAN.findall(text)) > 0.2 * len(text)
