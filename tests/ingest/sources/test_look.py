"""What can be a source at all."""

from pathlib import Path

import pytest

from app.errors import AddressInvalid, SourceMissing, SourceUnreadable
from app.runtime import Storage
from ingest.report import SyncRequest
from ingest.schedule import put_source
from ingest.sources.look import check


@pytest.mark.parametrize(
    "root", ["github://a/x", "ftp://h/x", "local:///etc", "data://x", "simplecache::s3://b/x"]
)
def test_addresses_of_other_kinds_are_refused(storage: Storage, root: str) -> None:
    with pytest.raises(AddressInvalid, match="address_unknown_kind"):
        storage.sync(SyncRequest((root,), "default"), lambda _event: None)


@pytest.mark.parametrize(
    "root",
    [
        "https://me:hunter2@example.org/x",
        "HTTP://hunter2@example.org/x",
        "sftp://me:hunter2@example.org/x",
        "s3://key:hunter2@bucket/x",
    ],
)
def test_passwords_in_addresses_are_refused_and_not_repeated(storage: Storage, root: str) -> None:
    with pytest.raises(AddressInvalid) as raised:
        put_source(storage.library, "default", root, schedule=None)
    assert "hunter2" not in str(raised.value.data())
    assert storage.library.sources.all("default") == []


@pytest.mark.parametrize(
    "root", ["https://example.org/a@b:c", "s3://b/x", "sftp://me@h/x", "HTTPS://h/x"]
)
def test_other_addresses_are_not_asked_for(root: str) -> None:
    check(root)


def test_a_path_has_to_be_there(tmp_path: Path) -> None:
    check(str(tmp_path))
    with pytest.raises(SourceMissing):
        check(str(tmp_path / "missing"))


def test_a_path_that_may_not_be_looked_at_is_unreadable_and_stops_nothing_else(
    storage: Storage, tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a folder above it that is somebody else's looks like."""
    closed, exists = tmp_path / "closed", Path.exists

    def refused(path: Path) -> bool:
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", refused)
    with pytest.raises(SourceUnreadable, match="Permission denied"):
        storage.sync(SyncRequest((str(closed),), "default"), lambda _event: None)
    both = SyncRequest((str(closed), str(documents)), "default")
    report = storage.sync(both, lambda _event: None)
    assert [failed.code for failed in report.failed] == ["source_unreadable"]
    assert report.added == 3
