"""The chat model that is being fetched through Ollama: one at a time, in a thread of its own."""

import threading
from dataclasses import dataclass, field
from typing import Literal

import structlog

from app.errors import GroundkbError, PullUnderWay
from app.models.ollama import pull_model
from app.models.progress import Progress

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pull:
    """`model` None: none was fetched."""

    model: str | None = None
    state: Literal["none", "running", "done", "failed"] = "none"
    progress: Progress = field(default_factory=lambda: Progress("", 0, 0))
    error: GroundkbError | None = None


class Pulling:
    """What is fetched goes on when nobody looks, and ends with the process; Ollama goes on with it then when
    it is asked again."""

    def __init__(self) -> None:
        self.latest = Pull()
        self._lock = threading.Lock()

    def start(self, url: str, model: str) -> Pull:
        """Raises PullUnderWay."""
        with self._lock:
            if self.latest.state == "running":
                raise PullUnderWay(model=self.latest.model or "")
            self.latest = Pull(model, "running")
        threading.Thread(target=self._run, args=(url, model), name="pull", daemon=True).start()
        return self.latest

    def _run(self, url: str, model: str) -> None:
        def on_progress(progress: Progress) -> None:
            self.latest = Pull(model, "running", progress)

        try:
            pull_model(url, model, on_progress)
        except GroundkbError as error:
            self.latest = Pull(model, "failed", self.latest.progress, error)
        except Exception as bug:
            log.error("pull_failed", exc_info=bug)
            self.latest = Pull(model, "failed", self.latest.progress)
        else:
            self.latest = Pull(model, "done", self.latest.progress)
