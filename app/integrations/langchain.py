"""A LangChain retriever over a running groundkb: `pip install 'groundkb[langchain]'`."""

from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, SecretStr

from app.integrations.http import Server, metadata_of


class GroundkbRetriever(BaseRetriever):
    """The passages nearest to a question, best first, as groundkb's search finds and ranks them.

    `metadata` of a document: `document_id`, `revision`, `title`, `source`, `page`, `section`,
    `start`, `end` (code points of the stored text), `score` (orders these passages; no meaning
    beyond it) and `tags`. Raises as `app.integrations.http.Server` does.
    """

    url: str = "http://127.0.0.1:8000"
    kb: str | None = None
    limit: int = Field(default=8, ge=1, le=100)
    only_tags: tuple[str, ...] = ()
    api_key: SecretStr | None = None
    timeout: float = 120.0

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002
    ) -> list[Document]:
        return [_document(found) for found in self._server.search(query, self.limit)]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,  # noqa: ARG002
    ) -> list[Document]:
        return [_document(found) for found in await self._server.asearch(query, self.limit)]

    @property
    def _server(self) -> Server:
        key = self.api_key and self.api_key.get_secret_value()
        return Server(self.url, self.kb, self.only_tags, key or None, self.timeout)


def _document(found: dict[str, Any]) -> Document:
    more = {"score": found["score"], "tags": found["tags"]}
    return Document(
        id=found["chunk_id"], page_content=found["text"], metadata={**metadata_of(found), **more}
    )
