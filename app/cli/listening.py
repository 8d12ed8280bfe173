"""The socket that a server of the command line listens on."""

import socket
from typing import Final

from app.errors import PortTaken

# Connections that may wait to be taken, and how many of them are taken before the loop turns to what others
# send: two hundred at once had it at nothing else for a third of a second.
WAITING: Final = 1024
AT_ONCE: Final = 8


class _Listening(socket.socket):
    """A server names how many it takes at once as the length of the queue; that is WAITING all the same."""

    def listen(self, _at_once: int = AT_ONCE, /) -> None:
        super().listen(WAITING)


def listen(host: str, port: int) -> socket.socket:
    """Raises PortTaken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = _Listening(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        raise PortTaken(host=host, port=port, detail=error.strerror or str(error)) from error
    return listening
