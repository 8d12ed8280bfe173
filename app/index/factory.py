"""Which vector store the settings ask for."""

from app.index.edge import EdgeStore
from app.index.protocol import AliasStore, VectorStore
from app.settings import Settings

INDEX_FOLDER = "index"  # in GROUNDKB_DATA


def open_vector_store(settings: Settings, aliases: AliasStore) -> VectorStore:
    """A Qdrant server when GROUNDKB_QDRANT_URL is set, else the embedded index in GROUNDKB_DATA.

    Embedded: raises IndexInUse when another process has it. Server: nothing is asked of it
    yet, see `VectorStore.probe`; `aliases` is not used, since the server keeps its own.
    """
    if settings.qdrant_url:
        # qdrant-client takes a second to import, and the embedded index does without it.
        from app.index.server import Placement, connect

        placement = Placement(
            settings.qdrant_shards,
            settings.qdrant_replicas,
            settings.qdrant_quantisation == "int8",
            settings.qdrant_on_disk,
            settings.qdrant_exact_below,
        )
        return connect(
            settings.qdrant_url,
            settings.qdrant_api_key,
            settings.qdrant_timeout,
            placement,
            settings.qdrant_grpc_port,
        )
    return EdgeStore(settings.data / INDEX_FOLDER, aliases)
