"""Where documents are parsed, cut and embedded: in this process, or on a Ray cluster.

An engine only computes. What it gives is written by `ingest.sync`, in the one process that holds
the writer's lock, so every promise of a sync is the same with each of them.
"""

from ingest.engines.choose import OpenEngine, open_engine, require_engine
from ingest.engines.protocol import IngestEngine, Workshop

__all__ = ["IngestEngine", "OpenEngine", "Workshop", "open_engine", "require_engine"]
