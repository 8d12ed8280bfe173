"""A database goes with one GROUNDKB_DATA, where the index is."""

from pathlib import Path

import pytest

from app.errors import DatabaseOfAnotherFolder
from app.library.belonging import FOLDER_ID, folder_id
from app.library.database import open_database
from app.library.library import open_library
from app.settings import Settings
from app.texts import told


def at(data: Path, **more: object) -> Settings:
    url = f"sqlite:///{data.parent / 'shared.sqlite3'}"
    return Settings(_env_file=None, data=data, database_url=url, **more)  # type: ignore[call-arg, arg-type]


def test_a_second_folder_is_told_and_the_first_goes_on(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    library = open_library(at(one))
    library.add_knowledge_base("default")
    library.close()
    with pytest.raises(DatabaseOfAnotherFolder) as caught:
        open_database(at(two))
    for language in ("en", "zh"):
        said = told(caught.value, language)
        assert str(two) in said.message
        assert str(two / FOLDER_ID) in said.hint
        assert folder_id(one) in said.hint
    library = open_library(at(one))
    assert library.knowledge_bases() == ["default"]
    library.close()


def test_what_the_hint_says_helps(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    open_database(at(one)).dispose()
    with pytest.raises(DatabaseOfAnotherFolder) as caught:
        open_database(at(two))
    Path(caught.value.file).write_text(caught.value.folder)
    open_database(at(two)).dispose()


def test_folders_with_one_index_share_a_database(tmp_path: Path) -> None:
    for name in ("one", "two"):
        open_database(at(tmp_path / name, qdrant_url="http://127.0.0.1:1")).dispose()
    open_database(at(tmp_path / "two")).dispose()  # the first with an index of its own


def test_the_database_in_the_folder_goes_with_it_wherever_it_is_moved(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "one")  # type: ignore[call-arg]
    open_database(settings).dispose()
    (tmp_path / "one").rename(tmp_path / "two")
    open_database(settings.model_copy(update={"data": tmp_path / "two"})).dispose()
