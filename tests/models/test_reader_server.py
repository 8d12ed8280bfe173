"""Reading by another process: what goes together, who may, and what goes wrong by its name. That it says what a
reader here says, the suite of `test_reading` asks."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from app.errors import ReaderServerDown, ReadingFailed
from app.models.reader_server import ServerReader, build_reader
from app.models.reading import Reading
from app.settings import Settings
from tests.fakes import OverlapReader
from tests.models.reading_server import reading_server
from tests.models.servers import Handler, serving

PASSAGES = ["The pump weighs 3 kg.", "泵重 3 公斤。"]


class Slow(OverlapReader):
    """Computes once `go` is set; keeps what it was given at once."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.begun = threading.Event(), threading.Event()
        self.given: list[list[str]] = []
        self.fails = False

    def read_all(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[Reading]]:
        self.given.append([question for question, _ in asked])
        self.begun.set()
        assert self.go.wait(60)
        if self.fails:
            raise ReadingFailed(detail="no memory")
        return [self.read(question, passages) for question, passages in asked]


def test_what_waits_is_read_together_and_each_gets_his_own() -> None:
    slow, plain = Slow(), OverlapReader()
    with reading_server(slow) as url, ThreadPoolExecutor(8) as pool:
        reader = ServerReader(url, api_key=None, timeout=60)
        first = pool.submit(reader.read, "What does the pump weigh?", PASSAGES)
        assert slow.begun.wait(60)
        questions = [f"What does the pump weigh, {number}?" for number in range(6)]
        later = [pool.submit(reader.read, question, PASSAGES) for question in questions]
        while httpx.get(f"{url}/livez").json()["waiting"] < len(questions):
            continue
        slow.go.set()
        assert first.result(60) == plain.read("What does the pump weigh?", PASSAGES)
        for question, found in zip(questions, later, strict=True):
            assert found.result(60) == plain.read(question, PASSAGES)
    assert [len(together) for together in slow.given] == [1, 6]


def test_an_error_reaches_all_who_asked_and_nobody_after() -> None:
    slow = Slow()
    slow.go.set()
    with reading_server(slow) as url:
        reader = ServerReader(url, api_key=None, timeout=60)
        slow.fails = True
        with pytest.raises(ReadingFailed, match="no memory"):
            reader.read("?", PASSAGES)
        slow.fails = False
        assert len(reader.read("?", PASSAGES)) == 2
        assert reader.read("?", []) == []


def test_only_who_has_the_key_is_read_for(make_settings: Callable[..., Settings]) -> None:
    slow = Slow()
    slow.go.set()
    with reading_server(slow, "sesame") as url:
        for key in (None, "Sesame"):
            with pytest.raises(ReadingFailed, match="401"):
                ServerReader(url, api_key=key, timeout=60)
        assert httpx.post(f"{url}/read", json={}).status_code == 401
        assert httpx.get(f"{url}/openapi.json").status_code == 404
        made = build_reader(make_settings(reader_url=f"{url}/", reader_api_key="sesame"))
        assert isinstance(made, ServerReader)
        assert (made.name, made.checks) == (slow.name, slow.checks)
        found = made.check("What weighs 3 kg?", "The pump", PASSAGES)
        assert found.tolist() == slow.check("What weighs 3 kg?", "The pump", PASSAGES).tolist()
    with pytest.raises(ReaderServerDown):
        made.read("?", PASSAGES)


class Other(Handler):
    """Answers what no reader answers."""

    def do_GET(self) -> None:
        mode = self.server.mode
        if mode == "good":
            self.send_json({"name": "a reader", "checks": True})
        else:
            self.send_json({"name": "not a reader"}, 503 if mode == "loading" else 200)

    def do_POST(self) -> None:
        self.read_body()
        if self.path == "/read":
            self.send_json({"readings": [{"answers": 1.0, "spans": []}]})
        else:
            self.send_json({"scores": [1.0, float("nan")]})


def test_what_is_no_reader_is_never_a_reading() -> None:
    with serving(Other) as server:
        server.mode = "loading"
        with pytest.raises(ReaderServerDown):
            ServerReader(server.url, api_key=None, timeout=5)
        server.mode = "nonsense"
        with pytest.raises(ReadingFailed):
            ServerReader(server.url, api_key=None, timeout=5)
        server.mode = "good"
        reader = ServerReader(server.url, api_key=None, timeout=5)
        with pytest.raises(ReadingFailed):
            reader.read("?", PASSAGES)
        with pytest.raises(ReadingFailed):
            reader.check("?", "!", PASSAGES)


def test_a_key_may_hold_any_letters() -> None:
    """It could not even be sent."""
    reader = Slow()
    reader.go.set()
    with reading_server(reader, "钥匙-é") as url:
        assert ServerReader(url, api_key="钥匙-é", timeout=60).read("Why?", PASSAGES)
        with pytest.raises(ReadingFailed):
            ServerReader(url, api_key="钥匙-e", timeout=60)
