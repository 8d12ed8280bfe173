"""`groundkb reader` over any reader, in a thread of the test."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from app.api.reader_service import PairsReader, create_reader_app
from app.cli.listening import listen


@contextmanager
def reading_server(reader: PairsReader, api_key: str | None = None) -> Iterator[str]:
    """Its address, as long as the block lasts."""
    with listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(
            uvicorn.Config(create_reader_app(reader, api_key), log_config=None, access_log=False)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            ends = time.monotonic() + 60
            while not server.started:
                assert time.monotonic() < ends
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
