"""The socket of a server: how many wait at it, whatever number is taken at once."""

import socket
from contextlib import ExitStack

from app.cli.listening import AT_ONCE, listen


def test_many_wait_though_few_are_taken_at_once() -> None:
    with listen("127.0.0.1", 0) as listening, ExitStack() as stack:
        listening.listen(AT_ONCE)  # as asyncio does, which takes so many in a turn of its loop
        for _ in range(20 * AT_ONCE):
            opened = stack.enter_context(socket.socket())
            opened.settimeout(5)
            opened.connect(listening.getsockname())
