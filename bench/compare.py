"""Two checkouts against each other: `python -m bench.compare OTHER [--rounds N] [--part ingest|query|tree]`.

OTHER is the folder of another checkout, with its own `.venv`. Each measurement is a process of its own, the two
in turn, and in every second round in the other order, so that a slow spell of the machine meets both alike. Of
each figure the smallest of all rounds is compared: load only ever adds to it.
"""

import argparse
import json
import os
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parents[1]
# Each prints a line of JSON: what was measured, and how long it took.
PARTS: Final = {
    "ingest": """
from bench.ingest import measure_ingest
found = measure_ingest(40, False)
print(json.dumps({"sync of 40 documents, s": found["ingest_seconds"]}))
""",
    "query": """
import statistics
from bench import query
query.DOCUMENTS, query.ROUNDS, kept = (100,), 2, []
row = query._Times.row
query._Times.row = lambda times: kept.append(times) or row(times)
query.main()
print(json.dumps({
    "/search over 1,000 passages, median, ms": statistics.median(kept[0].whole),
    "encoding a question alone, median, ms": statistics.median(kept[0].encode),
}))
""",
    "tree": """
from bench.tree import measure_tree
found = measure_tree(2_000, 5)
print(json.dumps({
    "sync of 2,000 unchanged files, s": found["unchanged_seconds"],
    "first sync of 2,000 files, nothing to encode, s": found["first_seconds"],
}))
""",
}
# What load adds least to; children that are still running are not counted.
_PROCESSOR: Final = """
import resource
used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(sum(each.ru_utime + each.ru_stime for each in used))
"""


@dataclass(frozen=True)
class Compared:
    """One figure of both checkouts, in every round."""

    name: str
    other: list[float]
    here: list[float]

    @property
    def ratio(self) -> float:
        """How much longer it takes here: 1.05 is five per cent."""
        return min(self.here) / min(self.other)

    def row(self) -> str:
        """For the table."""
        both = (self.other, self.here)
        values = " | ".join(f"{min(of):.2f} | {statistics.median(of):.2f}" for of in both)
        return f"| {self.name} | {values} | {self.ratio:.2f} |"


def measure(checkout: Path, part: str) -> dict[str, float]:
    """Raises CalledProcessError where the measurement fails."""
    ended = subprocess.run(
        [str(checkout / ".venv/bin/python"), "-c", f"import json\n{PARTS[part]}\n{_PROCESSOR}"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=True,
    )
    figures, processor = ended.stdout.splitlines()[-2:]
    return {**json.loads(figures), f"{part}: the whole process, CPU s": float(processor)}


def compare(other: Path, part: str, rounds: int) -> list[Compared]:
    """Both in turn, `rounds` times each."""
    found: dict[str, Compared] = {}
    for number in range(rounds):
        places = [(True, other), (False, HERE)]
        for of_other, checkout in places if number % 2 == 0 else reversed(places):
            for name, value in measure(checkout, part).items():
                figure = found.setdefault(name, Compared(name, [], []))
                (figure.other if of_other else figure.here).append(value)
    return list(found.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", choices=sorted(PARTS), action="append")
    chosen = parser.parse_args()
    print(f"## Two checkouts in turn, {chosen.rounds} rounds\n")
    print("| figure | other: least | median | here: least | median | ratio of the least |")
    print("|---|--:|--:|--:|--:|--:|", flush=True)
    for part in chosen.part or PARTS:
        for figure in compare(chosen.other.resolve(), part, chosen.rounds):
            print(figure.row(), flush=True)


if __name__ == "__main__":
    main()
