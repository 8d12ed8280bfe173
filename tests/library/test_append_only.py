"""What is noted stays as it was noted: the database itself refuses to change it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.library.audit import Audit
from app.library.database import open_database
from app.library.tables import now
from app.settings import Settings
from tests.library import postgres as servers


@pytest.fixture(scope="module")
def postgres() -> Iterator[servers.PostgresServer]:
    programs = servers.programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with servers.running(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    settings = Settings(_env_file=None, data=tmp_path / "data", database_url=url)  # type: ignore[call-arg]
    opened = open_database(settings)
    yield opened
    opened.dispose()


def test_rows_are_neither_changed_nor_taken_away(engine: Engine) -> None:
    audit = Audit(engine)
    audit.add("read", "Bo", object="x")
    audit.add("deleted", "Bo", object="y")
    kept = audit.find()
    attempts = [
        "UPDATE audit SET who = 'Ann'",
        "UPDATE audit SET detail = 'z' WHERE action = 'read'",
        "DELETE FROM audit WHERE action = 'deleted'",
        "DELETE FROM audit",
    ]
    columns = "id, at, action, who, key, address, kb, object, detail"
    copied = f"SELECT {columns.replace('who', chr(39) + 'Ann' + chr(39))} FROM audit"
    if engine.dialect.name == "postgresql":
        attempts.append("TRUNCATE audit")
        replaced = "ON CONFLICT (id) DO UPDATE SET who = EXCLUDED.who"
        attempts.append(f"INSERT INTO audit ({columns}) {copied} {replaced}")
    else:
        attempts.append(f"INSERT OR REPLACE INTO audit ({columns}) {copied}")
    for statement in attempts:
        with pytest.raises(SQLAlchemyError, match="only added"), engine.begin() as connection:
            connection.execute(text(statement))
        assert audit.find() == kept, statement


def test_what_goes_by_age_leaves_a_note_up_to_when(engine: Engine) -> None:
    audit = Audit(engine)
    audit.add("read", "Bo", object="old")
    border = now() + timedelta(milliseconds=1)
    while now() <= border:
        pass
    audit.add("read", "Bo", object="new")
    if engine.dialect.name == "postgresql":
        # A moment means the same whatever the session's time zone.
        with engine.begin() as connection:
            name = engine.url.database
            connection.execute(text(f"ALTER DATABASE \"{name}\" SET TIME ZONE 'Asia/Shanghai'"))
        engine.dispose()
    audit.purge(border)
    assert [(row.action, row.object) for row in audit.find()] == [("purged", ""), ("read", "new")]
    # The note lets go what it is about, and nothing after it.
    with pytest.raises(SQLAlchemyError, match="only added"), engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE object = 'new'"))
    audit.purge(border)
    assert len(audit.find()) == 2, "nothing was old: there is nothing to note"
