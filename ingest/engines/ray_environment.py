"""How Ray is to behave; it reads this from the environment when it is imported."""

import os
import secrets


def set_environment(address: str | None) -> None:
    """Send nothing home. A Ray that is started here (no `address`) listens on loopback only,
    asks for a token that its own processes have, and computes at this process's priority: at its
    own choice of 15, workers starve on a busy machine."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if address is None:
        # The name is older than its meaning: the node's address is 127.0.0.1, on Linux too.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        os.environ.setdefault("RAY_worker_niceness", "0")
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
