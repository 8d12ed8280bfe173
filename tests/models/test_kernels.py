"""What torch keeps of what it compiled is bounded, unless the owner says otherwise."""

import os
import subprocess
import sys

import pytest

NAMES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
SHOW = f"import app.models.device, os; print(*(os.environ[name] for name in {NAMES}))"


@pytest.mark.parametrize(("given", "kept"), [({}, "64 64"), ({NAMES[1]: "9"}, "64 9")])
def test_few_shapes_are_kept(given: dict[str, str], kept: str) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**plain, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == kept.split()
