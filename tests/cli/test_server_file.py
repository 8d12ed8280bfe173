"""Finding the server of a library, and no other."""

import asyncio
import json
import os
import stat
from pathlib import Path
from typing import cast

import pytest

from app.api.app import create_app
from app.cli.server_file import (
    NAME,
    RunningServer,
    find_server,
    read_server_file,
    remove_server_file,
    write_server_file,
)
from app.runtime import Runtime
from app.settings import Settings
from tests.api.conftest import served
from tests.cli.conftest import free_port


def server(**changes: object) -> RunningServer:
    values = {"url": "http://127.0.0.1:1", "pid": os.getpid(), "instance": "i", "token": "t"}
    return RunningServer(**{**values, **changes})  # type: ignore[arg-type]


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    write_server_file(tmp_path / "new", server())
    write_server_file(tmp_path / "new", server(token="second"))
    path = tmp_path / "new" / NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_server_file(tmp_path / "new") == server(token="second")
    assert [item.name for item in path.parent.iterdir()] == [NAME]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "x"}', '{"url": 1, "more": 2}'])
def test_a_damaged_file_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    assert read_server_file(tmp_path) is None


def test_a_server_removes_its_own_file_and_no_others(tmp_path: Path) -> None:
    write_server_file(tmp_path, server(instance="later"))
    remove_server_file(tmp_path, "earlier")
    assert read_server_file(tmp_path) is not None
    remove_server_file(tmp_path, "later")
    assert read_server_file(tmp_path) is None
    remove_server_file(tmp_path, "later")


async def test_a_file_left_by_a_killed_server_is_stale(tmp_path: Path) -> None:
    assert await find_server(tmp_path) is None
    write_server_file(tmp_path, server(url=f"http://127.0.0.1:{free_port()}"))
    assert await find_server(tmp_path) is None


def test_another_server_on_the_same_port_is_told_apart(tmp_path: Path, settings: Settings) -> None:
    app = create_app(settings, cast("Runtime", object()))  # /livez asks nothing of it
    with served(app) as url:
        write_server_file(tmp_path, server(url=url, instance="killed-long-ago"))
        assert asyncio.run(find_server(tmp_path)) is None
        own = server(url=url, instance=app.state.service.instance)
        write_server_file(tmp_path, own)
        assert asyncio.run(find_server(tmp_path)) == own
    assert json.loads((tmp_path / NAME).read_text())["token"] == "t"


@pytest.mark.parametrize(
    "url", ["http://203.0.113.5:1", "http://evil.example:1", "http://[::2]:1", "no url"]
)
def test_a_server_elsewhere_is_not_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The file may come from a backup or another hand: the operator's token goes where it says."""
    write_server_file(tmp_path, server(url=url))

    def spoken_to(*_: object, **__: object) -> None:
        raise AssertionError("spoken to")

    monkeypatch.setattr("httpx.AsyncClient.get", spoken_to)
    assert asyncio.run(find_server(tmp_path)) is None
    if "203" in url:
        with pytest.raises(AssertionError, match="spoken to"):
            asyncio.run(find_server(tmp_path, "203.0.113.5"))
