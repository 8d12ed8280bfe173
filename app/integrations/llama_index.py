"""A llama-index retriever and query engine over a running groundkb."""

from collections.abc import Mapping
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from app.integrations.http import Server, metadata_of

# For people and programs, not for the model that is shown a node or embeds it.
_UNSEEN = ["document_id", "revision", "start", "end"]


class GroundkbRetriever(BaseRetriever):
    """The passages nearest to a question, best first, as groundkb's search finds and ranks them.

    A node's id is the passage's; its metadata are `document_id`, `revision`, `title`, `source`,
    `page`, `section`, `start`, `end`. Raises as `app.integrations.http.Server` does.
    """

    def __init__(
        self, server: Server, limit: int = 8, callback_manager: CallbackManager | None = None
    ) -> None:
        self._server = server
        self._limit = limit
        super().__init__(callback_manager=callback_manager)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._server.search(query_bundle.query_str, self._limit)
        return [_node(item, item["chunk_id"], item["text"], item["score"]) for item in found]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = await self._server.asearch(query_bundle.query_str, self._limit)
        return [_node(item, item["chunk_id"], item["text"], item["score"]) for item in found]


class GroundkbQueryEngine(BaseQueryEngine):
    """groundkb's own answer. The source nodes are its verified quotes, in the order of the markers.

    A refusal has none; `metadata["answered"]` is false then and `metadata["refusal"]` gives the
    reason. `metadata["groundkb"]` is the whole answer of POST /ask.
    """

    def __init__(self, server: Server, callback_manager: CallbackManager | None = None) -> None:
        self._server = server
        super().__init__(callback_manager)

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return _response(self._server.ask(query_bundle.query_str))

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return _response(await self._server.aask(query_bundle.query_str))

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def _node(
    item: Mapping[str, Any], identifier: str, text: str, score: float | None
) -> NodeWithScore:
    node = TextNode(
        id_=identifier,
        text=text,
        metadata=metadata_of(item),
        start_char_idx=item["start"],
        end_char_idx=item["end"],
        excluded_embed_metadata_keys=_UNSEEN,
        excluded_llm_metadata_keys=_UNSEEN,
    )
    return NodeWithScore(node=node, score=score)


def _response(answer: dict[str, Any]) -> Response:
    nodes = [
        _node(item, f"{item['chunk_id']}:{item['start']}", item["quote"], None)
        for item in answer["citations"]
    ]
    metadata = {
        "answered": answer["answered"],
        "refusal": answer["refusal"],
        "groundkb": answer,
    }
    return Response(response=answer["answer"], source_nodes=nodes, metadata=metadata)
