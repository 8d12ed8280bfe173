"""The socket that a server of the command line listens on."""

import socket

from app.errors import PortTaken


def listen(host: str, port: int) -> socket.socket:
    """Raises PortTaken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError as error:
        raise PortTaken(host=host, port=port, detail=error.strerror or str(error)) from error
    return listening
