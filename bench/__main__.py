"""`python -m bench [ask|ingest|during-ingest|query|read|search|kills|load|memory|injection|verification|speed|tree|formats|rights|shadow|day|streams]`: all parts, or those that are named.
`python -m bench server|replicas|failover`: those that need servers of their own."""

import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench import (
    ask,
    day,
    during_ingest,
    failover,
    formats,
    ingest,
    injection,
    kills,
    kills_replicas,
    load,
    memory,
    query,
    read,
    rights,
    search,
    server,
    shadow,
    speed,
    streams,
    tree,
    verification,
)

PARTS = {
    "ask": ask.main,
    "ingest": ingest.main,
    "during-ingest": during_ingest.main,
    "query": query.main,
    "read": read.main,
    "search": search.main,
    "kills": kills.main,
    "load": load.main,
    "memory": memory.main,
    "injection": injection.main,
    "verification": verification.main,
    "speed": speed.main,
    "tree": tree.main,
    "formats": formats.main,
    "rights": rights.main,
    "shadow": shadow.main,
    "day": day.main,
    "streams": streams.main,
}


def main() -> None:
    own: dict[str, Callable[[Sequence[str]], None]] = {
        "ask": ask.main,
        "load": load.main,
        "shadow": shadow.main,
        "streams": streams.main,
    }
    if sys.argv[1:2] and sys.argv[1] in own:  # they have options of their own
        own[sys.argv[1]](sys.argv[2:])
        return
    # These need servers, hence they are no part of all.
    apart = {
        "server": server.main,
        "replicas": kills_replicas.main,
        "failover": failover.main,
    }
    if sys.argv[1:2] and sys.argv[1] in apart:
        apart[sys.argv[1]](sys.argv[2:])
        return
    names = sys.argv[1:] or list(PARTS)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        known = f"{', '.join(PARTS)}; by themselves: {', '.join(apart)}"
        sys.exit(f"unknown part {unknown[0]}; there are: {known}")
    print(
        f"{datetime.now(UTC):%Y-%m-%d} · {platform.machine()} · {platform.processor() or 'CPU'}\n"
    )
    for name in names:
        PARTS[name]()


if __name__ == "__main__":
    main()
