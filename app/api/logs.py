"""Structured logs with a request id. Neither questions nor secrets are logged."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
import structlog.tracebacks
from starlette.requests import Request

from app.errors import without_password
from app.settings import Settings

_OBEYED: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configure_logging(settings: Settings) -> None:
    """Send all logs, the libraries' too, to standard error, one JSON object or text line each.

    Changes the process's logging: for the programs that own a process, not for `create_app`.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    # Tracebacks without local variables, which hold questions, passages and keys.
    transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    final: list[Any] = (
        [
            structlog.processors.ExceptionRenderer(transformer),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        if as_json
        else [
            _in_one_line,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
    final.append(_without_passwords)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # Each would log a line per outgoing request with its URL, or per model with its folder.
    for noisy in ("httpx", "httpx2", "httpcore", "urllib3", "sentence_transformers"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _in_one_line(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Anybody may ask for any path: as text it would begin lines of its own, and be obeyed by a terminal."""
    for name, value in entry.items():
        if isinstance(value, str):
            entry[name] = _OBEYED.sub(lambda found: repr(found[0])[1:-1], value)
    return entry


def _without_passwords(_logger: object, _method: str, line: str) -> str:
    """Of a whole line: a library's error may hold an address of the settings with its password."""
    return without_password(line)


def request_id(request: Request) -> str:
    identifier: str = request.state.request_id
    return identifier
