"""SIGKILL at every step boundary and at random moments; `python -m bench kills` does it at length."""

import subprocess
import sys
from pathlib import Path

_CODE = """
from bench.kills import run_suite
outcome = run_suite(random_kills=4)
print(outcome.kills.total(), outcome.survived.total(), *outcome.violations, sep="\\n")
"""


def test_a_killed_sync_leaves_every_document_old_or_new_and_a_rerun_converges() -> None:
    # In a process of its own: the suite forks, which a process with threads must not.
    done = subprocess.run(
        [sys.executable, "-c", _CODE],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kills, _survived, *violations = done.stdout.splitlines()
    assert violations == []
    assert int(kills) >= 40
