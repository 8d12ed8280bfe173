"""What a sync has done so far, and its report."""

from collections import Counter
from typing import Any

from ingest.plan import Plan
from ingest.report import MOST_NAMED, FailedDocument, SyncReport


class Counts:
    """What has been done of a plan."""

    def __init__(self, plan: Plan | None = None) -> None:
        self._plan = plan or Plan()
        self.added = self.changed = self.removed = self.unchanged = self.chunks = 0
        self.moved = self.amended = 0
        self.failed: list[FailedDocument] = []
        self.stopped = False
        self.notes: Counter[str] = Counter()

    def report(self, kb: str, unchanged: int, seconds: float) -> SyncReport:
        return SyncReport(
            kb=kb,
            added=self.added,
            changed=self.changed,
            removed=self.removed,
            unchanged=unchanged + self.unchanged,
            failed=tuple(self.failed),
            chunks=self.chunks,
            seconds=round(seconds, 3),
            stopped=self.stopped,
            notes=dict(self.notes),
            moved=self.moved,
            amended=self.amended,
            ties=tuple(self._plan.ties),
            **passed_over(self._plan),
        )


def passed_over(plan: Plan) -> dict[str, Any]:
    """Of a report: what was no document, and which roots could not be looked at."""
    return {
        "passed_over": tuple(plan.passed_over[:MOST_NAMED]),
        "passed_over_count": len(plan.passed_over),
        "failed_roots": tuple(plan.failed_roots),
    }
