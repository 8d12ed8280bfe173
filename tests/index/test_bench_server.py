"""`python -m bench server` writes to a server, searches it and leaves nothing behind."""

import pytest

from bench import search, server
from tests.index.qdrant_double import QdrantDouble, serving


def test_it_needs_nothing_but_the_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(search, "ASKED", 4)
    monkeypatch.setattr(search, "WARM_UP", 0)
    double = QdrantDouble()
    with serving(double) as url:
        monkeypatch.setenv("GROUNDKB_QDRANT_URL", url)
        server.main(["--passages", "40"])
    lines = capsys.readouterr().out.strip().splitlines()[-2:]
    for line, compared in zip(lines, ("every window", "the nearest 400"), strict=True):
        row = [cell.strip() for cell in line.split("|")]
        assert (row[1], row[3]) == ("40", compared)
        assert float(row[2].replace(",", "")) > 0
        assert all(float(part) > 0 for cell in row[4:8] for part in cell.split("/"))
    assert double.client.get_collections().collections == []
    assert sum(call.startswith("PUT") and call.endswith("/points") for call in double.calls) >= 1


def test_without_an_address_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROUNDKB_QDRANT_URL", raising=False)
    with pytest.raises(SystemExit, match="GROUNDKB_QDRANT_URL"):
        server.main([])
