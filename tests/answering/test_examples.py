"""Example questions: natural, answered by the sentence that they were made from, spread over documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answering.examples.chinese import chinese_questions
from app.answering.examples.english import english_questions
from app.answering.examples.select import example_questions
from app.errors import KnowledgeBaseNotFound
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder

SAMPLES = Path(__file__).parents[2] / "samples" / "library"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("密钥每 90 天轮换一次，新旧密钥可以并存 7 天。", "密钥每多少天轮换一次？"),
        ("- 运行日志保存 30 天，审计日志保存 180 天。", "运行日志保存多少天？"),
        ("目前的攻击成功率为 2.1%，也就是 1 份。", "目前的攻击成功率为多少？"),
        ("超出窗口怎么办\n先丢弃段落。", "超出窗口怎么办？"),
    ],
)
def test_chinese(text: str, question: str) -> None:
    assert list(chinese_questions(text)) == [question]


@pytest.mark.parametrize(
    "text",
    [
        "它在 Heron 上需要 13 秒才能读完。",  # whose?
        "1,000 个词元大约对应 1,500 个汉字。",  # two quantities
        "每天 02:30 自动同步一次共享文件夹。",  # a time of day
        "怎么选\n看情况。",  # of what?
        "加入 8% 的拒答样本之后有所改善。",
    ],
)
def test_chinese_that_would_not_stand_alone(text: str) -> None:
    assert list(chinese_questions(text)) == []


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("The golden set holds 180 questions: 120 of them", "How many questions does the golden set hold?"),
        ("Loading a 40 GB file took 19 seconds.", "How long did loading a 40 GB file take?"),
        ("Daily backups are kept for 14 days.", "How long are daily backups kept?"),
        ("A backup is made every night at 01:15.", "When is a backup made?"),
        ("Gull has a bandwidth of 51 GB/s.", "What is the bandwidth of Gull?"),
        (
            "Llama 3 8B therefore needs exactly 1 GiB of cache.",
            "How much cache does Llama 3 8B need?",
        ),
        (
            "The yearly budget for the service is 38,000.",
            "What is the yearly budget for the service?",
        ),
        ("How the figures are made\n\nBy hand.", "How are the figures made?"),
    ],
)  # fmt: skip
def test_english(text: str, question: str) -> None:
    assert list(english_questions(text)) == [question]


@pytest.mark.parametrize(
    "text",
    ["It takes 6 minutes.", "This machine has a bandwidth of 51 GB/s.", "In 2 years it took 3 hours."],
)  # fmt: skip
def test_english_that_would_not_stand_alone(text: str) -> None:
    assert list(english_questions(text)) == []


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Storage]:
    data = tmp_path_factory.mktemp("examples")
    settings = Settings(_env_file=None, data=data, models=models_dir)  # type: ignore[call-arg]
    opened = open_storage(settings, BigramEmbedder())
    files = [next(SAMPLES.glob(f"{number}*")) for number in ("01", "03", "10", "11", "12")]
    opened.sync(SyncRequest(tuple(map(str, files)), "default"), lambda _: None)
    yield opened
    opened.close()


def test_each_is_of_another_document_as_long_as_there_are_some(storage: Storage) -> None:
    found = example_questions(storage.library, "default", None)
    assert len(found) == 4
    assert len({example.document_id for example in found}) == 4
    assert found == example_questions(storage.library, "default", None)


def test_one_language_alone(storage: Storage) -> None:
    english = example_questions(storage.library, "default", "en")
    assert {example.title for example in english} == {
        "Choosing an embedding model",
        "Cost and energy",
    }
    assert {example.language for example in english} == {"en"}
    assert len(english) == 4
    chinese = example_questions(storage.library, "default", "zh")
    assert {example.language for example in chinese} == {"zh"}


def test_an_empty_knowledge_base_has_none(storage: Storage) -> None:
    storage.library.add_knowledge_base("empty")
    assert example_questions(storage.library, "empty", "zh") == []
    with pytest.raises(KnowledgeBaseNotFound):
        example_questions(storage.library, "unknown", "zh")
