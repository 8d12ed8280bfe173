"""POST /search and POST /ask of a running groundkb, for the modules beside this one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from app.errors import RemoteError, ServerUnreachable, reason_of


@dataclass(frozen=True)
class Server:
    """Where a groundkb listens, and what of it is meant. `api_key` is one of its GROUNDKB_API_KEYS.

    Every method raises RemoteError, which is the server's own error with `code`, `message` and
    `hint`, and ServerUnreachable. `timeout` is in seconds; an answer may take a minute.
    """

    url: str
    kb: str | None = None
    tags: Sequence[str] = ()
    api_key: str | None = None
    timeout: float = 120.0

    def search(self, question: str, limit: int) -> list[dict[str, Any]]:
        """The passages of POST /search, best first."""
        return _passages(self._post("/search", self._body(question, limit=limit)))

    async def asearch(self, question: str, limit: int) -> list[dict[str, Any]]:
        return _passages(await self._apost("/search", self._body(question, limit=limit)))

    def ask(self, question: str) -> dict[str, Any]:
        """The answer of POST /ask; a refusal is one with `answered` false."""
        return self._post("/ask", self._body(question))

    async def aask(self, question: str) -> dict[str, Any]:
        return await self._apost("/ask", self._body(question))

    def _body(self, question: str, **more: object) -> dict[str, object]:
        kb = {"kb": self.kb} if self.kb else {}
        return {"question": question, "filter": {"tags": list(self.tags)}, **kb, **more}

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        try:
            with httpx.Client(base_url=self.url, timeout=self.timeout) as client:
                return _read(client.post(path.lstrip("/"), json=body, headers=self._headers))
        except (httpx.HTTPError, ValueError) as error:
            raise ServerUnreachable(url=self.url, detail=reason_of(error)) from error

    async def _apost(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(base_url=self.url, timeout=self.timeout) as client:
                sent = client.post(path.lstrip("/"), json=body, headers=self._headers)
                return _read(await sent)
        except (httpx.HTTPError, ValueError) as error:
            raise ServerUnreachable(url=self.url, detail=reason_of(error)) from error


def metadata_of(passage: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a passage or citation beside its text: its document and its place there."""
    return {
        "document_id": passage["document_id"],
        "revision": passage["revision"],
        "title": passage["title"],
        "source": passage["source"],
        "page": passage["page"],
        "section": " › ".join(passage["section"]),
        "start": passage["start"],
        "end": passage["end"],
    }


def _passages(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    passages: list[dict[str, Any]] = found["passages"]
    return passages


def _read(response: httpx.Response) -> dict[str, Any]:
    """Raises RemoteError; ValueError when no groundkb has answered."""
    body = response.json()
    if response.is_error and isinstance(body, dict) and isinstance(body.get("error"), dict):
        error = body["error"]
        raise RemoteError(error["code"], error["message"], error["hint"])
    if response.is_error or not isinstance(body, dict):
        raise ValueError(f"HTTP {response.status_code}")
    return body
