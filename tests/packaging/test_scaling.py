"""docs/scaling.md: its table follows from its own formulae and numbers."""

import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")
DIMENSION = 384


def stated(name: str) -> float:
    """A number of the first table."""
    found = re.search(rf"^\| {re.escape(name)} \| ([\d,.]+) \|", TEXT, re.MULTILINE)
    assert found, name
    return float(found[1].replace(",", ""))


def row(name: str) -> list[float]:
    """The last two cells, for 1 and 100 million passages."""
    (line,) = re.findall(rf"^\| {re.escape(name)}.*\|$", TEXT, re.MULTILINE)
    cells = [cell.strip() for cell in line.strip("|").split("|")][-2:]
    return [float(cell.removesuffix(" million").replace(",", "")) for cell in cells]


def sizes(passages: float) -> dict[str, float]:
    w, rate = stated("`w`"), stated("`R`")
    other, graph = stated("other bytes a passage"), stated("graph, bytes a passage")
    words, mean = stated("words, bytes a passage"), stated("mean vector, bytes a passage")
    windows = passages * w
    float16, int8 = windows * DIMENSION * 2 / 1e9, windows * DIMENSION / 1e9
    hours = windows / rate / 3600
    return {
        "windows": windows / 1e6,
        "vectors, float16, GB": float16,
        "vectors, int8, GB": int8,
        "all else on disk, GB": passages * other / 1e9,
        "disk of one copy with int8, GB": float16 + int8 + passages * (other + mean) / 1e9,
        "memory, float16 and words, GB": float16 + passages * (graph + mean + words) / 1e9,
        "memory, int8, originals and words on disk, GB": int8 + passages * (graph + mean / 2) / 1e9,
        "first sync, one machine of 2 cores, hours": hours,
        "first sync, Ray, 24 workers of 2 cores, hours": hours / 24,
        "encoding on one GPU, hours": windows / stated("GPU, windows a second") / 3600,
        "writing, hours": passages / stated("writer, passages a second") / 3600,
    }


@pytest.mark.parametrize("name", sizes(1))
def test_the_table_is_what_the_formulae_give(name: str) -> None:
    assert row(name) == pytest.approx([sizes(1e6)[name], sizes(1e8)[name]], abs=0.05001)


def test_the_rate_is_the_measured_one() -> None:
    windows, seconds = re.findall(r"measured: ([\d,]+) windows in ([\d.]+) s", TEXT)[0]
    assert stated("`R`") == round(float(windows.replace(",", "")) / float(seconds))
    performance = (Path(__file__).parents[2] / "docs" / "performance.md").read_text("utf-8")
    assert f"| {windows} | {seconds} |" in performance


def test_more_workers_than_the_writer_can_feed_are_not_advised() -> None:
    most = stated("writer, passages a second") / (stated("`R`") / stated("`w`"))
    assert f"= {most:.0f} workers" in TEXT
    assert int(re.findall(r"Ray, (\d+) workers", TEXT)[0]) <= most
