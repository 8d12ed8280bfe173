"""The retrievers in the frameworks' own pipelines, over HTTP against the real application."""

from collections.abc import Iterator

import pytest
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from pydantic import SecretStr

from app.api.app import create_app
from app.errors import RemoteError, ServerUnreachable
from app.integrations import langchain, llama_index
from app.integrations.http import Server
from app.runtime import Runtime
from tests.api.conftest import prepared, prepared_data, served  # noqa: F401  fixtures

KEY = "the-key-of-a-reader"
LICENCE = "Which licence does DeepSeek use?"
UNANSWERED = "When does the canteen close on Friday?"


@pytest.fixture
def url(prepared: Runtime) -> Iterator[str]:  # noqa: F811
    settings = prepared.settings.model_copy(update={"api_keys": (SecretStr(KEY),)})
    with served(create_app(settings, prepared)) as address:
        yield address


def test_langchain_in_a_chain(url: str) -> None:
    retriever = langchain.GroundkbRetriever(url=url, api_key=SecretStr(KEY), limit=2)
    found = retriever.invoke(LICENCE)
    assert len(found) == 2
    assert "MIT" in found[0].page_content
    assert found[0].id
    assert found[0].metadata["source"].endswith("licences.md")
    assert found[0].metadata["score"] >= found[1].metadata["score"]
    assert KEY not in repr(retriever)
    assert retriever.batch([LICENCE, "上下文长度"])[1][0].metadata["source"].endswith(".txt")

    chain = (
        {"context": retriever, "question": RunnablePassthrough()}
        | RunnableLambda(lambda seen: f"{seen['question']} {seen['context'][0].page_content}")
        | StrOutputParser()
    )
    assert "MIT" in chain.invoke(LICENCE)


async def test_langchain_without_blocking(url: str) -> None:
    retriever = langchain.GroundkbRetriever(url=url, api_key=SecretStr(KEY))
    assert await retriever.ainvoke(LICENCE) == retriever.invoke(LICENCE)
    tagged = langchain.GroundkbRetriever(url=url, api_key=SecretStr(KEY), only_tags=("none",))
    assert await tagged.ainvoke(LICENCE) == []


def test_llama_index_in_its_own_query_engine(url: str) -> None:
    server = Server(url, api_key=KEY)
    retriever = llama_index.GroundkbRetriever(server, limit=2)
    first, second = retriever.retrieve(LICENCE)
    assert "MIT" in first.node.get_content()
    assert (first.score or 0) >= (second.score or 0)
    assert first.node.metadata["title"]
    engine = RetrieverQueryEngine.from_args(
        retriever,
        llm=MockLLM(),
        node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.0)],
    )
    response = engine.query(LICENCE)
    assert "MIT" in str(response), "the mock writes its prompt, which holds the passages"
    assert response.source_nodes[0].node.node_id == first.node.node_id


async def test_llama_index_without_blocking(url: str) -> None:
    retriever = llama_index.GroundkbRetriever(Server(url, api_key=KEY))
    waited = [found.node.node_id for found in await retriever.aretrieve(LICENCE)]
    assert waited == [found.node.node_id for found in retriever.retrieve(LICENCE)]
    response = await llama_index.GroundkbQueryEngine(Server(url, api_key=KEY)).aquery(LICENCE)
    assert response.metadata["answered"] is True  # type: ignore[index]


def test_the_query_engine_gives_quotes_or_a_refusal(url: str, prepared: Runtime) -> None:  # noqa: F811
    engine = llama_index.GroundkbQueryEngine(Server(url, api_key=KEY))
    answer = engine.query(LICENCE)
    [quote, *_] = answer.source_nodes
    stored = prepared.library.text("default", quote.node.metadata["document_id"])
    assert stored[quote.node.metadata["start"] : quote.node.metadata["end"]] == quote.text
    refused = engine.query(UNANSWERED)
    assert str(refused) == "The context does not contain an answer to this question."
    assert refused.source_nodes == []
    assert refused.metadata is not None
    assert refused.metadata["refusal"]["reason"]


def test_errors_are_the_servers_own(url: str) -> None:
    with pytest.raises(RemoteError) as caught:
        langchain.GroundkbRetriever(url=url, api_key=SecretStr("wrong")).invoke(LICENCE)
    assert caught.value.code == "api_key_wrong"
    with pytest.raises(RemoteError) as asked:
        llama_index.GroundkbQueryEngine(Server(url, kb="Bad Name", api_key=KEY)).query("x")
    assert asked.value.code == "request_invalid"
    with pytest.raises(ServerUnreachable):
        llama_index.GroundkbRetriever(Server("http://127.0.0.1:9")).retrieve("x")
