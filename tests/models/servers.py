"""Servers on loopback that speak real HTTP: Ollama's native API, OpenAI's protocol, model hubs.

Chat answers depend on what is asked. A word after 'exactly:' is repeated; a request to count
gives numbers for as long as it may; a question is answered Yes or No by whether the two
sides of its ' = ' are equal.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

Mode = Literal[
    "good", "drop", "silent", "stream_error", "garbage", "broken", "loading",
    "unending", "refuses", "nonsense", "zeros", "shapeless",
]  # fmt: skip


class FakeServer(ThreadingHTTPServer):
    """Keeps what it was asked; `mode` says how it fails."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.requests: list[tuple[str, Any]] = []
        self.mode: Mode = "good"
        self.answer: list[str] | None = None  # overrides the answer, piece by piece
        self.thought: list[str] = []
        self.also: tuple[str, ...] = ()  # models that Ollama has besides
        self.files: dict[str, bytes] = {}  # of a hub's model
        self.stated: dict[str, str] = {}  # checksums that a hub lists wrongly
        self.cut: int | None = None  # a hub breaks off downloads after that many bytes
        self.folder = Path()  # a package index's wheels
        self.released = threading.Event()  # ends what a silent server waits for
        self.disconnected = threading.Event()  # a client left in the middle of a stream

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def bodies(self, path: str) -> list[Any]:
        return [body for asked, body in self.requests if asked == path]


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[FakeServer]:
    server = FakeServer(handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    server: FakeServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def read_body(self) -> Any:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        self.server.requests.append((self.path, body))
        return body

    def send_json(self, content: object, status: int = 200) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def begin_stream(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_chunk(self, data: bytes) -> None:
        try:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()
        except OSError:
            self.server.disconnected.set()
            raise ConnectionAbortedError from None

    def drop(self) -> None:
        """Close the connection without the end of the stream."""
        self.close_connection = True
        self.connection.close()

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True


def reply(text: str, max_tokens: int, stop: list[str]) -> tuple[list[str], str]:
    """The pieces of the answer to `text`, and 'stop' or 'length'."""
    if match := re.search(r"exactly: (\S+)", text):
        words = [match[1]]
    elif "Count" in text:
        words = [f"{number} " for number in range(1, 100_000)]
    else:
        words = ["Yes" if _equal(text) else "No"]
    for index, word in enumerate(words):
        if word.strip() in stop:
            return words[:index], "stop"
    return (words[:max_tokens], "length") if len(words) > max_tokens else (words, "stop")


def _equal(text: str) -> bool:
    match = re.search(r"(\S+) = (\S+?)\?", text)
    return match is not None and match[1] == match[2]


def count_words(messages: list[dict[str, str]]) -> int:
    return sum(len(message["content"].split()) for message in messages)


class OllamaHandler(Handler):
    """Ollama 0.12.11's `/api/show`, `/api/chat`, `/api/pull` and `/api/ps`. Knows `tiny:1b`,
    `thinker:1b`, `ponderer:1b`, which thinks whatever it is told, and what is in `also`; a model is loaded when
    it was chatted with last."""

    def do_GET(self) -> None:
        asked = self.server.bodies("/api/chat") if self.path == "/api/ps" else []
        sizes = {"size": 1_500_000_000, "size_vram": 900_000_000}
        loaded = [{"model": body["model"], "name": body["model"]} | sizes for body in asked[-1:]]
        self.send_json({"models": loaded})

    def do_POST(self) -> None:
        body = self.read_body()
        server = self.server
        if server.mode == "silent":
            server.released.wait(20)
            return
        if server.mode == "broken":
            self.send_json({"error": "out of memory"}, 500)
            return
        if server.mode == "loading":
            self.send_json({"error": "server busy"}, 503)
            return
        if self.path == "/api/pull":
            self._pull(body["model"])
            return
        if body["model"] not in ("tiny:1b", "thinker:1b", "ponderer:1b", *server.also):
            self.send_json({"error": f"model '{body['model']}' not found"}, 404)
            return
        thinks = body["model"] in ("thinker:1b", "ponderer:1b")
        if self.path == "/api/show":
            abilities = ["completion", "thinking"] if thinks else ["completion"]
            self.send_json({"capabilities": abilities, "details": {}, "model_info": {}})
        elif not thinks and body.get("think") is not None:
            self.send_json({"error": "tiny:1b does not support thinking"}, 400)
        else:
            self._chat(body)

    def _pull(self, model: str) -> None:
        self.begin_stream("application/x-ndjson")
        self._line({"status": "pulling manifest"})
        if model not in ("tiny:1b", "thinker:1b"):
            self._line({"error": "pull model manifest: file does not exist"})
        else:
            digest = "sha256:" + "ab" * 32
            for completed in (0, 400, 1000):
                part = {"digest": digest, "total": 1000, "completed": completed}
                self._line({"status": f"pulling {digest[7:19]}", **part})
                if self.server.mode == "drop" and completed == 400:
                    self.drop()
                    return
            if self.server.mode != "stream_error":
                self._line({"status": "success"})
        self.send_chunk(b"")

    def _chat(self, body: dict[str, Any]) -> None:
        server, options, text = self.server, body["options"], body["messages"][-1]["content"]
        pieces, reason = reply(text, options["num_predict"], options.get("stop", []))
        pieces = server.answer if server.answer is not None else pieces
        thoughts = server.thought
        if body["model"] == "ponderer:1b":
            # As Ollama does: told not to think, it takes what comes for the answer.
            about = ["Okay, ", "they say ", *text.split(), "."]
            thoughts, pieces = (
                (about, pieces) if body["think"] else ([], [*about, "</think>", *pieces])
            )
            whole = options["num_predict"]
            reason = "length" if len(thoughts) + len(pieces) > whole else reason
            pieces = pieces[: max(0, whole - len(thoughts))]
        counts = {"prompt_eval_count": count_words(body["messages"]), "eval_count": len(pieces)}
        if not body.get("stream"):
            message = {"role": "assistant", "content": "".join(pieces)}
            if thoughts:
                message["thinking"] = "".join(thoughts)
            answer = {"message": message, "done": True, "done_reason": reason, **counts}
            self.send_json(answer)
            return
        self.begin_stream("application/x-ndjson")
        for thought in thoughts:
            self._line({"message": {"role": "assistant", "content": "", "thinking": thought}})
        for place, piece in enumerate(pieces):
            self._line({"message": {"role": "assistant", "content": piece}, "done": False})
            if server.mode == "drop":
                self.drop()
                return
            if server.mode == "stream_error":
                self._line({"error": "the runner has died"})
                break
            if server.mode == "garbage":
                self.send_chunk(b'{"message": {"role": \n')
                break
            if server.mode == "unending" and place == 0:
                server.released.wait(20)
                return
        else:
            last = {"message": {"role": "assistant", "content": ""}, "done": True}
            self._line({**last, "done_reason": reason, **counts})
        self.send_chunk(b"")

    def _line(self, content: dict[str, Any]) -> None:
        self.send_chunk(json.dumps({"done": False, **content}).encode() + b"\n")


class OpenAIHandler(Handler):
    """`/v1/models` and `/v1/chat/completions`. Knows the model `tiny`; wants the key `sesame`."""

    def do_GET(self) -> None:
        self.server.requests.append((self.path, None))
        if self._refused():
            return
        if self.server.mode == "shapeless":
            self.send_json(["tiny"])
        elif self.path == "/v1/models":
            self.send_json({"object": "list", "data": [{"id": "tiny", "object": "model"}]})
        else:
            self.send_json({"error": {"message": "Not Found"}}, 404)

    def do_POST(self) -> None:
        body = self.read_body()
        if self._refused():
            return
        if self.path != "/v1/chat/completions":
            self.send_json({"detail": "Not Found"}, 404)
        elif body["model"] != "tiny":
            text = f"The model `{body['model']}` does not exist."
            self.send_json({"error": {"message": text, "code": "model_not_found"}}, 404)
        else:
            self._chat(body)

    def _refused(self) -> bool:
        if self.server.mode == "silent":
            self.server.released.wait(20)
            return True
        if self.server.mode == "broken":
            self.send_json({"error": {"message": "out of memory"}}, 500)
            return True
        if self.server.mode == "loading":
            self.send_json({"error": {"message": "Loading model"}}, 503)
            return True
        if self.headers["Authorization"] != "Bearer sesame":
            self.send_json({"error": {"message": "Incorrect API key provided"}}, 401)
            return True
        return False

    def _chat(self, body: dict[str, Any]) -> None:
        server, text = self.server, body["messages"][-1]["content"]
        pieces, reason = reply(text, body["max_tokens"], body.get("stop") or [])
        pieces = server.answer if server.answer is not None else pieces
        usage = {"prompt_tokens": count_words(body["messages"]), "completion_tokens": len(pieces)}
        usage["total_tokens"] = sum(usage.values())
        if not body.get("stream"):
            message: dict[str, Any] = {"role": "assistant", "content": "".join(pieces)}
            if server.thought:
                message["reasoning_content"] = "".join(server.thought)
            choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": reason}
            self.send_json({"id": "1", "choices": [choice], "usage": usage})
            return
        self.begin_stream("text/event-stream")
        if server.mode == "shapeless":
            self._event({"choices": ["banana"]})
        for thought in server.thought:
            self._event({"choices": [{"index": 0, "delta": {"reasoning_content": thought}}]})
        for place, piece in enumerate(pieces):
            self._event({"choices": [{"index": 0, "delta": {"content": piece}}]})
            if server.mode == "drop":
                self.drop()
                return
            if server.mode == "stream_error":
                self._event({"error": {"message": "the engine has died"}})
                break
            if server.mode == "garbage":
                self.send_chunk(b'data: {"choices": [\n\n')
                break
            if server.mode == "unending" and place == 0:
                while not server.released.wait(0.05):
                    self.send_chunk(b": ping\n\n")  # life of the server, not of the model
                return
        else:
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
            self._event({"choices": [], "usage": usage})
            self.send_chunk(b"data: [DONE]\n\n")
        self.send_chunk(b"")

    def _event(self, content: dict[str, Any]) -> None:
        base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "tiny"}
        self.send_chunk(b"data: " + json.dumps(base | content).encode() + b"\n\n")


class HubHandler(Handler):
    """Hugging Face's and ModelScope's listing and download of one model, `org/small`.

    `server.files` holds its files; `server.cut` breaks off a download after that many bytes.
    """

    revision = "0123456789abcdef0123456789abcdef01234567"

    def do_GET(self) -> None:
        self.server.requests.append((self.path, self.headers.get("Range")))
        if self.server.mode == "silent":
            self.server.released.wait(20)
            return
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path.startswith("/api/models/org/small"):
            self._list_huggingface()
        elif url.path == "/api/v1/models/org/small/repo/files":
            self._list_modelscope()
        elif url.path == "/api/v1/models/org/small/repo":
            self._send_file(query["FilePath"][0])
        elif url.path.startswith(f"/org/small/resolve/{self.revision}/"):
            self._send_file(unquote(url.path.partition(f"{self.revision}/")[2]))
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _sums(self) -> dict[str, str]:
        stated = self.server.stated
        return {
            name: stated.get(name) or hashlib.sha256(data).hexdigest()
            for name, data in self.server.files.items()
        }

    def _list_huggingface(self) -> None:
        siblings = []
        for name, sha256 in self._sums().items():
            size = len(self.server.files[name])
            entry: dict[str, Any] = {"rfilename": name, "size": size, "blobId": "0" * 40}
            if name.endswith((".safetensors", ".gguf")):
                entry["lfs"] = {"sha256": sha256, "size": size, "pointerSize": 100}
            siblings.append(entry)
        self.send_json({"id": "org/small", "sha": self.revision, "siblings": siblings})

    def _list_modelscope(self) -> None:
        files = [
            {"Path": name, "Size": len(self.server.files[name]), "Sha256": sha256, "Type": "blob"}
            for name, sha256 in self._sums().items()
        ]
        files.append({"Path": "1_Pooling", "Size": 0, "Sha256": "", "Type": "tree"})
        self.send_json({"Code": 200, "Data": {"Files": files}})

    def _send_file(self, name: str) -> None:
        data = self.server.files[name]
        start = 0
        if wanted := self.headers.get("Range"):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        cut = self.server.cut
        self.wfile.write(data[start:] if cut is None else data[start : start + cut])
        if cut is not None:
            self.wfile.flush()
            self.close_connection = True


class IndexHandler(Handler):
    """A Python package index over the wheels in `server.folder`."""

    def do_GET(self) -> None:
        self.server.requests.append((self.path, None))
        folder = self.server.folder
        if self.path.startswith("/simple/"):
            stem = self.path.strip("/").split("/")[1].replace("-", "_")
            wheels = sorted(folder.glob(f"{stem}-*.whl"))
            links = "".join(f'<a href="/files/{w.name}">{w.name}</a><br>' for w in wheels)
            data, kind = f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html"
            status = 200 if wheels else 404
        else:
            data, kind = (folder / self.path.rpartition("/")[2]).read_bytes(), "application/zip"
            status = 200
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
