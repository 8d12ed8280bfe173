"""`groundkb` commands without the seconds that their imports take: a process that has imported all, and of which each is
a fork.

What is killed is a process like another; only how it comes to be there is other.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.replicas import Started


class Forked:
    """One command. Its exit status is nobody's: it is gone or it is not."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def poll(self) -> int | None:
        """None while it is there."""
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return -1
        return None

    def send_signal(self, signum: int, /) -> None:
        os.kill(self._pid, signum)

    def kill(self) -> None:
        if self.poll() is None:
            self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        end = time.monotonic() + (600.0 if timeout is None else timeout)
        while self.poll() is None:
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.01)
        return -1


class Forks:
    """Begins commands as forks of one process. They stay when it ends."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Started:
        """`groundkb` with these arguments, which writes to `log`."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        wanted = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        stdin.write(json.dumps(wanted) + "\n")
        stdin.flush()
        return Forked(int(stdout.readline()))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


def main() -> None:
    """One line of JSON for each command, answered by its process id."""
    import app.api.app
    import app.cli.serve
    import app.cli.worker  # noqa: F401
    from app.cli.main import run

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.clear()
        os.environ.update(wanted["environment"])
        sys.argv = ["groundkb", *wanted["arguments"]]
        try:
            run()
        finally:
            os._exit(0)


if __name__ == "__main__":
    main()
