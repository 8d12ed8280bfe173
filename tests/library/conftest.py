"""The library over both of its databases."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import Settings
from tests.library.postgres import PostgresServer, postgres

__all__ = ["postgres"]

SQLITE_ALONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """An empty database of the test's own; None: SQLite in GROUNDKB_DATA."""
    if request.param == "sqlite":
        return None
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def make_settings(
    tmp_path: Path, models_dir: Path, database_url: str | None
) -> Callable[..., Settings]:
    """Settings over a library of this test's own."""

    def make(**overrides: object) -> Settings:
        values = {
            "data": tmp_path / "data",
            "models": models_dir,
            "database_url": database_url,
            **overrides,
        }
        return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]

    return make
