"""The words of a library's documents, read in the background."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from app.answering.retrieve import retrieve
from app.library.vocabulary import Vocabulary
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder

QUESTION = "calibraton of teh torqe wrnch"
WAIT = 30.0


@pytest.fixture
def storage(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder
) -> Iterator[Storage]:
    opened = open_storage(make_settings(), fake_embedder)
    yield opened
    opened.close()


def put(storage: Storage, folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    storage.sync(SyncRequest((str(folder),), "default"), lambda _event: None)


def test_words_of_documents_are_known_also_of_later_ones(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.library.vocabulary._AGAIN", 0.0)
    words = storage.library.vocabulary
    assert words.meant("default", QUESTION, WAIT) == ()
    put(storage, tmp_path / "docs", "a.txt", "Calibration of the torque tester.")
    assert words.meant("default", QUESTION, WAIT) == ("calibration", "torque")
    put(storage, tmp_path / "docs", "b.txt", "The wrench hangs beside the door.")
    assert words.meant("default", QUESTION, WAIT) == ("calibration", "torque", "wrench")
    assert words.meant("other", QUESTION, WAIT) == ()


def test_a_question_without_unknown_words_reads_nothing(storage: Storage) -> None:
    assert storage.library.vocabulary.meant("default", "扭矩扳手多久校准一次？ E137?") == ()
    assert not storage.library.vocabulary._words["default"].reading


def test_a_database_that_fails_leaves_the_question_as_it_is() -> None:
    broken = Vocabulary(create_engine("sqlite:////nonexistent/folder/groundkb.sqlite"))
    assert broken.meant("default", QUESTION, WAIT) == ()


def test_misspelt_words_find_their_passage(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.txt").write_text(f"The ration of the worker in the batch {number}.")
    put(storage, folder, "wrench.txt", "Torque wrench: calibration every 12 months.")
    storage.library.vocabulary.meant("default", QUESTION, WAIT)

    found = retrieve(
        storage.library,
        storage.indexes.reading("default"),
        storage.sparse,
        QUESTION,
        kb="default",
        limit=3,
        mode="sparse",
    )
    assert [hit.passage.text.strip() for hit in found.hits][:1] == [
        "Torque wrench: calibration every 12 months."
    ]
