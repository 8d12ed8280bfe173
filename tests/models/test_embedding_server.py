"""Embedding by a server: the same vectors as in this process, and what goes wrong by its name."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from app.errors import EmbeddingFailed, EmbeddingServerDown
from app.models.embedding import Embedder
from app.models.embedding_server import ServerEmbedder, build_server_embedder
from app.models.sentence_transformer import SentenceTransformerEmbedder, build_embedder
from app.settings import Settings
from tests.models.servers import FakeServer, Handler, Mode, serving

pytestmark = pytest.mark.weights
TEXTS = [
    "许可证是 MIT。",
    "A licence",
    "The model reads 128K tokens. " * 9,
    "x",
    *map(str, range(70)),
]


class EmbeddingHandler(Handler):
    """`/v1/embeddings` over the real model, as bare as a server has it: without prefixes, not
    normalised, in an order of its own. Takes 32 texts a request, as TEI does."""

    embedder: SentenceTransformerEmbedder

    def do_POST(self) -> None:
        body, mode = self.read_body(), self.server.mode
        texts = body["input"]
        if mode == "loading":
            self.send_json({"error": "model is loading"}, 503)
        elif mode == "refuses" or len(texts) > 32:
            self.send_json({"error": {"message": "batch size 33 > 32"}}, 422)
        elif mode == "nonsense":
            self.send_json({"data": [{"index": 0, "embedding": [0.1, 0.2]}] * len(texts)})
        elif mode == "zeros":
            self.send_json(self._of(np.zeros((len(texts), 384), np.float32)))
        else:
            self.send_json(self._of(self.embedder._embed(texts, "") * 3))

    def _of(self, vectors: Any) -> dict[str, Any]:
        rows = [
            {"index": place, "object": "embedding", "embedding": row.tolist()}
            for place, row in enumerate(vectors)
        ]
        return {"object": "list", "data": rows[::-1], "model": "e5"}


@pytest.fixture
def server(real_embedder: SentenceTransformerEmbedder) -> Iterator[FakeServer]:
    handler = type("OverReal", (EmbeddingHandler,), {"embedder": real_embedder})
    with serving(handler) as found:
        yield found


@pytest.fixture
def at_server(server: FakeServer, make_settings: Callable[..., Settings]) -> ServerEmbedder:
    return build_server_embedder(
        make_settings(embedding_url=f"{server.url}/v1/", embedding_api_key="sesame")
    )


@pytest.fixture(params=["here", "server"])
def any_embedder(request: pytest.FixtureRequest) -> Embedder:
    name = "real_embedder" if request.param == "here" else "at_server"
    found: Embedder = request.getfixturevalue(name)
    return found


def test_vectors_are_those_of_the_model_with_its_prefixes(
    any_embedder: Embedder, real_embedder: SentenceTransformerEmbedder
) -> None:
    wanted = real_embedder._embed([f"passage: {text}" for text in TEXTS], "")
    found = any_embedder.embed_passages(TEXTS)
    assert found.dtype == np.float32
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5
    # Batches of other texts round otherwise.
    assert (found * wanted).sum(axis=1).min() > 0.999
    question = any_embedder.embed_query("Which licence?")
    assert question @ real_embedder._embed(["query: Which licence?"], "")[0] > 0.999


def test_identity_and_no_texts(any_embedder: Embedder) -> None:
    identity = any_embedder.identity
    assert (identity.model, identity.dimension) == ("intfloat/multilingual-e5-small", 384)
    assert (identity.query_prefix, identity.passage_prefix) == ("query: ", "passage: ")
    assert any_embedder.embed_passages([]).shape == (0, 384)


def test_each_text_is_told_of_once_and_threads_do_not_disturb_each_other(
    any_embedder: Embedder,
) -> None:
    told: list[int] = []
    any_embedder.embed_passages(TEXTS, told.append)
    assert sum(told) == len(TEXTS)
    alone = any_embedder.embed_passages(TEXTS[:4])
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: any_embedder.embed_passages(TEXTS[:4]), range(4)):
            assert np.abs(found - alone).max() < 0.01


def test_the_setting_chooses_the_server_and_the_key_goes_along(
    server: FakeServer, make_settings: Callable[..., Settings]
) -> None:
    made = build_embedder(make_settings(embedding_url=f"{server.url}/v1", embedding_revision="abc"))
    assert isinstance(made, ServerEmbedder)
    assert made.identity.revision == "abc"
    [body] = server.bodies("/v1/embeddings")
    assert body["model"] == "intfloat/multilingual-e5-small"


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("loading", EmbeddingServerDown),
        ("refuses", EmbeddingFailed),
        ("nonsense", EmbeddingFailed),
        ("zeros", EmbeddingFailed),
    ],
)
def test_what_goes_wrong_has_a_name(
    at_server: ServerEmbedder, server: FakeServer, mode: Mode, error: type[Exception]
) -> None:
    server.mode = mode
    with pytest.raises(error):
        at_server.embed_query("x")
    with pytest.raises(error):
        at_server.embed_passages(TEXTS)
    server.mode = "good"
    assert at_server.embed_query("x").shape == (384,)


def test_a_server_that_is_not_there_is_down(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(EmbeddingServerDown) as down:
        build_server_embedder(make_settings(embedding_url="http://127.0.0.1:9/v1"))
    assert down.value.params["url"] == "http://127.0.0.1:9/v1"
