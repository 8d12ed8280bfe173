"""Make a small library with everything in it that an upgrade has to keep.

    python tools/make_library_fixture.py tests/fixtures/libraries/0.1.0.tar.xz

Each release adds the file that its own code makes (docs/upgrading.md). The file holds `data/`,
the folder as a stopped server leaves it, `backup.tar.gz`, made by `groundkb backup`, and
`seen.json`, what the code that made it answered. Run it from the root of a checkout of the
release, with PYTHONPATH naming that; it uses the HTTP API, the embedding model on this machine, and the chat model of the
tests, which copies the sentence that fits a question.
"""

import asyncio
import json
import lzma
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx

from app.api.app import create_app
from app.models.chat import ChatRequest, Finish, Thought, Token
from app.runtime import open_runtime
from app.settings import Settings
from tests.fakes import ScriptedChat

# Documents are known by where they are; this place needs no more to exist when the file is used.
PLACE = Path("/tmp/groundkb-fixture")  # noqa: S108
TOKEN = "operator"  # noqa: S105
OPERATOR = {"x-operator-token": TOKEN}
DOCUMENTS = {
    "licences.md": (
        "---\ntags: [licence, models]\nauthor: Li Lei\n---\n"
        "# Licences\n\nDeepSeek uses the MIT licence. Qwen uses Apache 2.0.\n\n"
        "## Memory\n\nA 7B model in 4-bit needs about 5 GB of memory.\n"
    ),
    "上下文.md": (
        "# 上下文长度\n\nYi-34B 的上下文长度为 200K。Mistral 7B 的上下文长度为 32K。\n\n"
        "# 训练数据\n\nQwen2 的训练数据超过 7 万亿个词元。\n"
    ),
    "notes.txt": "The pump of plant 4 was serviced on 3 March 2024. Its pressure is 6 bar.\n",
    "page.html": "<html><title>站点</title><body><h1>站点</h1><p>北京站点有 12 台服务器。</p></body></html>",
    "stale.txt": "The office in Shenzhen opens at nine o'clock.\n",
}
SIDECARS = {"notes.txt.meta.yaml": "tags: [plant]\nproject: [Hydra, 九号]\n"}
BROKEN = {"broken.docx": b"PK\x03\x04 no archive", "empty.txt": b"", "picture.xyz": b"\x00\x01\x02"}
QUESTIONS = (
    "DeepSeek uses which licence?",
    "Yi-34B 的上下文长度是多少？",
    "What is the pressure of the pump of plant 4?",
    "Who won the chess championship of 1972?",
    "谁获得了1998年世界杯冠军？",
)


class CopyingChat(ScriptedChat):
    """Rewrites a follow-up question into itself; else as ScriptedChat."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        asked = re.search(
            r"(?:用户的新问题：|The user's new question: )(.*)", request.messages[-1].content
        )
        if asked is None:
            async for item in super().stream(request):
                yield item
        else:
            yield Token(asked[1])
            yield Finish("stop", 10, 10)


async def main(target: Path) -> None:
    """Make the library in PLACE and pack it into `target`."""
    shutil.rmtree(PLACE, ignore_errors=True)
    write_documents(PLACE / "documents", DOCUMENTS)
    for name, text in SIDECARS.items():
        (PLACE / "documents" / name).write_text(text, encoding="utf-8")
    for name, content in BROKEN.items():
        (PLACE / "documents" / name).write_bytes(content)
    settings = Settings(_env_file=None, data=PLACE / "data", chat="embedded", schedule=False)
    runtime = await open_runtime(settings, chat=CopyingChat())
    app = create_app(settings, runtime, TOKEN)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000", headers=OPERATOR, timeout=120
        ) as client,
    ):
        door = Door(client)
        await fill(door)
        seen = await look(door)
        await door.call("POST", "/backup", {"path": str(PLACE / "backup.tar.gz")})
    await runtime.close()
    (PLACE / "seen.json").write_text(json.dumps(seen, ensure_ascii=False, indent=1) + "\n", "utf-8")
    pack(target)


class Door:
    """Calls that have to succeed."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def call(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        answer = await self._client.request(method, path, json=body, **more)
        if answer.is_error:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    async def ended(self, job_id: str) -> Any:
        while (job := await self.call("GET", f"/jobs/{job_id}"))["status"] in ("queued", "running"):
            await asyncio.sleep(0.1)
        return job


def write_documents(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


async def fill(door: Door) -> None:
    """Documents of every status, jobs and sources of every end, conversations and judgements."""
    documents = PLACE / "documents"
    await door.call("POST", "/sync", {"roots": [str(documents)]})
    (documents / "stale.txt").write_bytes(b"\x00\xff\xfe\x00 no text \x00" * 40)
    source = await door.call(
        "POST",
        "/sources",
        {"location": str(documents), "schedule": "30 2 * * *", "time_zone": "Asia/Shanghai"},
    )
    unmounted = PLACE / "unmounted"
    write_documents(unmounted, {"away.txt": "The archive is in Geneva.\n"})
    gone = await door.call("POST", "/sources", {"location": str(unmounted)})
    shutil.rmtree(unmounted)
    for item in (source, gone):
        started = await door.call("POST", f"/sources/{item['id']}/sync")
        await door.ended(started["job_id"])
    for name, content in (("上传.md", "# 上传\n\n火星办公室有 8 名员工。\n"), ("bad.pdf", "no")):
        form = {"files": (name, content.encode())}
        told = await door.call("POST", "/documents", files=form)
        await door.ended(told["jobs"][0]["job_id"])
    rows = (await door.call("GET", "/documents"))["documents"]
    page = next(row for row in rows if row["source"].endswith("page.html"))
    await door.call("PUT", f"/documents/{page['id']}/tags", {"tags": ["站点", "by hand"]})
    notes = next(row for row in rows if row["source"].endswith("notes.txt"))
    await door.call("PUT", f"/documents/{notes['id']}/groups", {"groups": ["plant"]})
    quote = {"document_id": notes["id"], "quote": "Its pressure is 6 bar."}
    written = {"question": "How high is the pressure?", "answer": "6 bar.", "quotes": [quote]}
    await door.call("POST", "/knowledge-bases/default/curated-answers", written)
    words = {"refusals": {"zh": "资料里没有写。", "en": "Our papers do not say."}}
    await door.call("PATCH", "/knowledge-bases/default", words)
    for group in (QUESTIONS[:3], QUESTIONS[3:]):
        place = "new"
        for question in group:
            body = {"question": question, "conversation_id": place}
            answer = await door.call("POST", "/ask", body)
            place = answer["conversation_id"]
            judgement = {"question": question, "answer": answer, "helpful": answer["answered"]}
            await door.call("POST", "/feedback", {**judgement, "comment": "看过", "reason": ""})
    await door.call("POST", "/conversations", {})


async def look(door: Door) -> dict[str, Any]:
    """What has to be the same after an upgrade."""
    conversations = (await door.call("GET", "/conversations"))["conversations"]
    documents = (await door.call("GET", "/documents"))["documents"]
    return {
        "documents": documents,
        "jobs": (await door.call("GET", "/jobs"))["jobs"],
        "sources": (await door.call("GET", "/sources"))["sources"],
        "conversations": [
            await door.call("GET", f"/conversations/{row['id']}") for row in conversations
        ],
        "curated_answers": await door.call("GET", "/knowledge-bases/default/curated-answers"),
        "rights": await door.call("GET", "/rights"),
        "searches": {
            question: (await door.call("POST", "/search", {"question": question}))["passages"]
            for question in QUESTIONS
        },
        "texts": {
            row["id"]: (await door.call("GET", f"/documents/{row['id']}/text"))["text"]
            for row in documents
            if row["revision"]
        },
    }


def pack(target: Path) -> None:
    """One file, as small as it gets: the index reserves 200 MB of zeros."""
    with (
        tempfile.TemporaryFile() as plain,
        tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in ("data", "backup.tar.gz", "seen.json"):
            tar.add(PLACE / name, name, filter=_anonymous)
        tar.close()
        plain.seek(0)
        with lzma.open(target, "wb", preset=9 | lzma.PRESET_EXTREME) as packed:
            shutil.copyfileobj(plain, packed)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Without the locks, which name the machine; the server has ended."""
    if member.name.startswith("data/locks/"):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).absolute()))
