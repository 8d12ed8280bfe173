"""The product as an owner meets it: `groundkb serve` over the sample library, the real embedding
model and the embedded chat model."""

import json
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import RunCli, Served, base_environment, serving

pytestmark = pytest.mark.chat
LIBRARY = Path(__file__).parents[2] / "samples" / "library"
REFUSALS = {
    "zh": "上下文未包含对此问题的答案",
    "en": "The context does not contain an answer to this question.",
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("product")
    environment = {**base_environment(folder / "data", models_dir), "GROUNDKB_CHAT": "embedded"}
    options = ("--sync", str(LIBRARY))
    with serving(folder / "data", folder / "log", environment, *options) as server:
        deadline = time.monotonic() + 300
        while "curl" not in server.said:
            assert time.monotonic() < deadline, server.said
            assert server.process.poll() is None, server.said
            time.sleep(0.2)
        yield server


def ask(server: Served, question: str, **more: str) -> dict[str, Any]:
    body = {"question": question, **more}
    response = httpx.post(f"{server.url}/ask", json=body, timeout=300, trust_env=False)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    for citation in answer["citations"]:
        path = f"/documents/{citation['document_id']}/text"
        text = httpx.get(
            server.url + path, params={"revision": citation["revision"]}, trust_env=False
        ).json()["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    if answer["answered"]:
        assert answer["citations"]
    else:
        assert answer["citations"] == []
        assert answer["answer"] == answer["refusal"]["message"] == REFUSALS[answer["language"]]
    return answer


@pytest.mark.parametrize(
    ("questions", "language"),
    [
        (
            {
                "DeepSeek-R1 使用什么许可证？": "MIT",
                "Heron 的显卡有多少显存？": "24 GB",
                "Yi-34B-200K 的上下文上限是多少？": "200K",
            },
            "zh",
        ),
        (
            {
                "How many parameters of Mixtral 8x7B are active per token?": "12.9B",
                "What is the best number of threads on Gull?": "6",
                "What share of the traffic is served by the Finch class?": "81",
            },
            "en",
        ),
    ],
)
def test_questions_about_the_sample_library(
    product: Served, questions: dict[str, str], language: str
) -> None:
    """A model of 1.5B parameters may refuse one of three; it may not answer one wrongly."""
    right = 0
    for question, expected in questions.items():
        answer = ask(product, question)
        assert answer["language"] == language
        assert not answer["answered"] or expected in answer["answer"], answer["answer"]
        right += answer["answered"]
    assert right >= 2


@pytest.mark.parametrize(
    ("question", "language"),
    [("What is the capital of Australia?", "en"), ("澳大利亚的首都是哪里？", "zh")],
)
def test_what_the_documents_do_not_hold_is_refused(
    product: Served, question: str, language: str
) -> None:
    answer = ask(product, question)
    assert answer["answered"] is False
    assert answer["answer"] == REFUSALS[language]


def test_every_door_gives_the_same_citations(product: Served, run_cli: RunCli) -> None:
    """JSON, the stream, the command and the kept conversation."""
    question = "DeepSeek-R1 使用什么许可证？"
    body = {"question": question, "conversation_id": "new"}
    given = httpx.post(f"{product.url}/ask", json=body, timeout=300, trust_env=False).json()
    assert given["citations"], given

    stream = httpx.post(
        f"{product.url}/ask",
        json=body,
        headers={"Accept": "text/event-stream"},
        timeout=300,
        trust_env=False,
    )
    events = {
        event: json.loads(data)
        for event, data in re.findall(r"^event: (\w+)\ndata: (.+)$", stream.text, re.MULTILINE)
    }
    ran = run_cli("ask", question, "--json", GROUNDKB_DATA=str(product.data))
    address = f"{product.url}/conversations/{given['conversation_id']}"
    [kept] = httpx.get(address, trust_env=False).json()["turns"]
    shown = run_cli(
        "conversations",
        "show",
        given["conversation_id"],
        "--json",
        GROUNDKB_DATA=str(product.data),
    )
    assert kept["answer"] == given
    for other in (
        events["citations"],
        events["done"],
        ran.json,
        kept["answer"],
        shown.json["turns"][0]["answer"],
    ):
        assert other["citations"] == given["citations"]


@pytest.mark.parametrize(
    ("first", "follow_up", "names", "expected"),
    [
        ("DeepSeek-R1 使用什么许可证？", "那它的代码可以商用吗？", ("DeepSeek",), None),
        (
            "Yi-34B-200K 的上下文上限是多少？",
            "那 Mistral 7B v0.2 呢？",
            ("Mistral", "上下文"),
            "32K",
        ),
        (
            "How many parameters of DeepSeek-V2 are active per token?",
            "And those of Mixtral 8x22B?",
            ("Mixtral 8x22B", "active"),
            "39B",
        ),
    ],
)
def test_a_follow_up_is_understood_from_the_kept_turns(
    product: Served, first: str, follow_up: str, names: tuple[str, ...], expected: str | None
) -> None:
    begun = ask(product, first, conversation_id="new")
    answer = ask(product, follow_up, conversation_id=begun["conversation_id"])
    assert answer["position"] == 1
    assert answer["language"] == begun["language"]
    for name in names:
        assert name in answer["standalone_question"], answer["standalone_question"]
    if expected and answer["answered"]:
        assert expected in answer["answer"]


def test_the_example_questions_are_answered(product: Served) -> None:
    address = f"{product.url}/knowledge-bases/default/examples"
    right = []
    for language in ("zh", "en"):
        reply = httpx.get(address, params={"language": language}, trust_env=False)
        found = reply.json()["examples"]
        assert len({example["document_id"] for example in found}) == len(found) == 4
        for example in found[:2]:  # an answer takes 10 s and more
            answer = ask(product, example["question"])
            assert answer["language"] == language
            cited = {item["document_id"] for item in answer["citations"]}
            right.append(example["document_id"] in cited)
    assert sum(right) >= 3


def test_the_command_in_another_terminal(product: Served, run_cli: RunCli) -> None:
    ran = run_cli("ask", "DeepSeek-R1 使用什么许可证？", GROUNDKB_DATA=str(product.data))
    assert ran.code == 0, ran.err
    assert "MIT" in ran.out
    assert "Sources" in ran.out


def test_it_stops_in_the_middle_of_an_answer(product: Served) -> None:
    """The last test of this file: it ends the server."""
    begun = threading.Event()

    def listen() -> None:
        headers = {"Accept": "text/event-stream"}
        body = {"question": "请详细说明如何为团队选择合适的模型大小与量化格式。"}
        with (
            httpx.Client(trust_env=False, timeout=300) as client,
            client.stream("POST", f"{product.url}/ask", json=body, headers=headers) as stream,
        ):
            for line in stream.iter_lines():
                if line.startswith("data:") and "retrieved" in json.loads(line[5:]):
                    begun.set()

    listener = threading.Thread(target=listen)
    listener.start()
    assert begun.wait(120)
    time.sleep(2)  # prompt or tokens are being computed now
    started = time.monotonic()
    product.process.send_signal(signal.SIGINT)
    assert product.process.wait(30) == 0, product.said
    assert time.monotonic() - started < 10
    listener.join(10)
