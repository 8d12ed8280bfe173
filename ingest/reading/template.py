"""The process that workers are forked from: it has imported all parsers, so a new one costs nothing.

It does no work of its own and has one thread, which is what makes forking safe. `main` is given
the number of a socket to its owner. A message with a descriptor asks for a worker that serves that
channel; one with the number of a process has that worker ended, and is answered with its exit
status. It ends with its owner, or when nothing was asked for IDLE_SECONDS and no worker is left.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Final

from ingest.reading.worker import work

IDLE_SECONDS: Final = 600.0
_ANSWER_SECONDS: Final = 10.0
_LENGTH: Final = 16  # of every message and answer
_FORK: Final = b"fork".ljust(_LENGTH)
_MAIN: Final = "from ingest.reading.template import main; main()"
# Numeric libraries would start threads; fork is only safe without.
_ENVIRONMENT: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
}


class TemplateGone(Exception):
    """The template has ended; another is to be started."""


@dataclass
class Template:
    """The owner's side. Methods are safe in threads."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def start(cls) -> "Template":
        """A new process, which imports what it needs while this one goes on."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603  (nothing of it comes from outside)
                # -P: a folder named as one of ours, where groundkb was called, is not imported.
                [sys.executable, "-P", "-c", _MAIN, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
                start_new_session=True,  # Ctrl-C is for the owner, who ends its workers
            )
        ours.settimeout(_ANSWER_SECONDS)
        return cls(process, ours)

    def fork(self) -> Connection:
        """A channel to a new worker, which may still have to come. Raises TemplateGone."""
        ours, theirs = Pipe()
        try:
            with self._lock:
                socket.send_fds(self.control, [_FORK], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise TemplateGone from error
        finally:
            theirs.close()
        return ours

    def end(self, pid: int) -> int:
        """Kill a worker; returns its exit status as `subprocess` has it. Raises TemplateGone."""
        try:
            with self._lock:
                self.control.sendall(_message(pid))
                answer = self.control.recv(_LENGTH)
        except OSError as error:
            raise TemplateGone from error
        if not answer:
            raise TemplateGone
        return int(answer)

    def close(self) -> None:
        """End it; its workers end within a second."""
        self.process.kill()
        self.process.wait()
        self.control.close()


class _Children:
    """Workers that were forked, on the template's side."""

    def __init__(self) -> None:
        self._alive: set[int] = set()
        self._ended: dict[int, int] = {}

    def __len__(self) -> int:
        self._reap()
        return len(self._alive)

    def add(self, pid: int) -> None:
        self._reap()
        self._alive.add(pid)

    def end(self, pid: int) -> int:
        """Only what was forked here and not reaped yet can be killed: no number is used twice."""
        self._reap()
        if pid in self._alive:
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            self._alive.discard(pid)
            return os.waitstatus_to_exitcode(status)
        return self._ended.pop(pid, 0)

    def _reap(self) -> None:
        for pid in list(self._alive):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self._alive.discard(pid)
                self._ended[pid] = os.waitstatus_to_exitcode(status)


def serve(control: socket.socket) -> None:
    """Do what the owner asks for until it is gone."""
    children = _Children()
    control.settimeout(IDLE_SECONDS)
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(control, _LENGTH, 1)
        except TimeoutError:
            if not children:
                return
            continue
        if not message:
            return
        if not descriptors:
            control.sendall(_message(children.end(int(message))))
            continue
        (descriptor,) = descriptors
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                control.close()
                work(Connection(descriptor), parent)
            except BaseException:  # noqa: BLE001  (the owner tells what this means for the document)
                os._exit(1)
            os._exit(0)
        os.close(descriptor)
        children.add(pid)


def _message(number: int) -> bytes:
    return str(number).encode().ljust(_LENGTH)


def main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as control, suppress(OSError):
        serve(control)
