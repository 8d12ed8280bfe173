"""A further language is a further file: nothing else names the languages that there are."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from app import texts
from app.api.language import accepted_language
from app.cli.say import Cli, terminal_language
from app.errors import SettingsInvalid
from app.settings import load_settings
from app.texts import catalogues, told
from tests.api.conftest import client_of

FOLDER = Path(texts.__file__).parent


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "texts"
    folder.mkdir()
    for file in FOLDER.glob("*.toml"):
        shutil.copy(file, folder)
    english = (FOLDER / "en.toml").read_text("utf-8")
    changed = english.replace("There is no document {document}.", "Kein Dokument {document}.")
    assert changed != english
    (folder / "de.toml").write_text(changed, "utf-8")
    monkeypatch.setattr(texts, "_FOLDER", folder)
    catalogues.cache_clear()
    yield
    catalogues.cache_clear()


@pytest.mark.usefixtures("german")
def test_it_is_offered_by_what_people_ask_for() -> None:
    assert accepted_language("fr, de-AT;q=0.9, en;q=0.5") == "de"
    assert terminal_language({"LANG": "de_CH.UTF-8"}) == "de"
    assert terminal_language({"LC_ALL": "C", "LANG": "de_CH.UTF-8"}) == "en"
    settings = load_settings(language="de")
    assert Cli(settings.language, settings).language == "de"


@pytest.mark.usefixtures("german")
async def test_the_api_speaks_it(scripted: Callable[..., FastAPI]) -> None:
    async with client_of(scripted(), **{"accept-language": "de"}) as client:
        response = await client.get("/documents/unknown")
    assert response.json()["error"]["message"] == "Kein Dokument unknown."


def test_without_its_file_it_is_none() -> None:
    assert accepted_language("de") is None
    assert terminal_language({"LANG": "de_CH.UTF-8"}) == "en"
    with pytest.raises(SettingsInvalid) as raised:
        load_settings(language="de")
    assert told(raised.value, "en").message.endswith("language: de is none of auto, en, zh")
