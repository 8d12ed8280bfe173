"""Which engine a sync asks for."""

from collections.abc import Callable
from importlib.util import find_spec

from app.errors import RayMissing
from ingest.engines.local import LocalEngine
from ingest.engines.protocol import IngestEngine, Workshop
from ingest.engines.ray_environment import set_environment
from ingest.report import EngineName

OpenEngine = Callable[[EngineName, Workshop], IngestEngine]


def require_engine(name: EngineName) -> None:
    """Raises RayMissing when the engine is not installed."""
    if name == "ray" and find_spec("ray") is None:
        raise RayMissing


def open_engine(name: EngineName, workshop: Workshop) -> IngestEngine:
    """Raises RayMissing, RayFailed, and what is wrong with the model on the workers."""
    require_engine(name)
    if name == "local":
        return LocalEngine(workshop)
    # Ray is an extra, and reads its environment when it is imported.
    set_environment(workshop.settings.ray_address)
    from ingest.engines.ray_engine import open_ray

    return open_ray(workshop)
