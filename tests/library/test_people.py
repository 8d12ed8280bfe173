"""People, their roles and groups, and keys that are kept as hashes."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from app.errors import KeyNotFound, PersonExists, PersonNotFound
from app.library.library import Library, open_library
from app.library.people import KEY_PREFIX
from app.library.tables import now
from app.settings import Settings


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    with closing(open_library(settings)) as opened:
        yield opened


def test_a_person_is_what_was_last_said(library: Library) -> None:
    people = library.people
    people.add("甲", "editor", {"finance", "board"})
    people.add("Bo")
    with pytest.raises(PersonExists):
        people.add("甲")
    changed = people.change("甲", groups={"board"}, roles={"hr": "admin", "shop": "reader"})
    assert (changed.role, changed.groups) == ("editor", {"board"})
    assert changed.roles == {"hr": "admin", "shop": "reader"}
    assert people.change("甲", role="reader", roles={"hr": None}).roles == {"shop": "reader"}
    assert people.get("甲").role == "reader"
    assert [person.name for person in people.all()] == ["Bo", "甲"]
    people.remove("甲")
    with pytest.raises(PersonNotFound):
        people.get("甲")
    assert people.add("甲").groups == frozenset()


def test_a_key_is_its_persons_until_it_ends(library: Library, settings: Settings) -> None:
    people = library.people
    person = people.add("Bo", "admin")
    row, key = people.add_key("Bo", "laptop", {"ask"}, {"hr"})
    assert key.startswith(KEY_PREFIX)
    found = people.holder(key.encode())
    assert found == (person, row)
    assert (row.scopes, row.kbs) == ({"ask"}, {"hr"})
    _, old = people.add_key("Bo", "old", {"ask"}, ends_at=now() - timedelta(seconds=1))
    _, later = people.add_key("Bo", "later", {"ask"}, ends_at=now() + timedelta(hours=1))
    for sent in (old.encode(), b"", key.encode()[:-1], "密钥".encode(), b"\xff"):
        assert people.holder(sent) is None
    people.change("Bo", enabled=False)
    assert people.holder(later.encode()) is None
    people.change("Bo", enabled=True)
    assert people.holder(later.encode()) is not None
    assert people.revoke_key(row.id).revoked_at is not None
    assert people.holder(key.encode()) is None
    with pytest.raises(KeyNotFound):
        people.revoke_key("none")
    assert [item.name for item in people.keys("Bo")] == ["laptop", "old", "later"]
    people.remove("Bo")
    assert people.holder(later.encode()) is None
    if settings.database_url is None:
        kept = b"".join(path.read_bytes() for path in settings.data.glob("library.sqlite3*"))
        assert key.encode() not in kept
