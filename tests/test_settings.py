"""Where settings come from, and what is said of wrong ones."""

from pathlib import Path

import pytest

from app.errors import SettingsInvalid
from app.settings import load_settings
from app.texts import told


def wrong(**overrides: object) -> str:
    with pytest.raises(SettingsInvalid) as raised:
        load_settings(**overrides)
    return told(raised.value, "en").message.removeprefix("The settings are not valid: ")


def test_a_file_shared_with_other_programs_is_read_for_its_own_names_only() -> None:
    Path(".env").write_text(
        "DOCUMENTS=/srv/documents\nCOMPOSE_PROFILES=gpu\nLOG_LEVEL=trace\nGROUNDKB_PORT=8123\n"
    )

    settings = load_settings()

    assert settings.port == 8123
    assert settings.log_level == "info"


def test_an_unknown_name_with_the_prefix_is_refused_with_the_nearest_one() -> None:
    Path(".env").write_text("GROUNDKB_PROT=8123\n")

    assert wrong() == "unknown: GROUNDKB_PROT (GROUNDKB_PORT?)"


@pytest.mark.parametrize("name", ["QDRANT_URL", "QDRANT_API_KEY"])
def test_names_without_the_prefix_mean_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:6333")
    Path(".env").write_text(f"{name}=http://127.0.0.1:6333\n")

    settings = load_settings()

    assert settings.qdrant_url is None
    assert settings.qdrant_api_key is None


def test_a_broken_toml_file_is_a_settings_error() -> None:
    Path("groundkb.toml").write_text("port = \n")

    assert wrong().startswith("groundkb.toml: ")


def test_a_toml_file_that_is_no_text_is_a_settings_error() -> None:
    Path("groundkb.toml").write_bytes(b"port = 8000 # \xff\xfe\n")

    assert wrong().startswith("groundkb.toml: ")


def test_a_dotenv_file_that_is_no_text_is_a_settings_error() -> None:
    Path(".env").write_bytes(b"GROUNDKB_KB=\xff\xfe\n")

    assert wrong().startswith(".env: ")


def test_an_unknown_name_in_the_toml_file_is_refused_with_the_nearest_one() -> None:
    Path("groundkb.toml").write_text('embeding_model = "x"\n')

    assert wrong() == "unknown: embeding_model (embedding_model?)"


def test_a_value_out_of_bounds_is_named_and_not_repeated() -> None:
    detail = wrong(qdrant_url="ftp://user:secret@host")

    assert "qdrant_url" in detail
    assert "secret" not in detail


def test_the_environment_wins_over_files(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("groundkb.toml").write_text("port = 1\nretrieve = 9\n")
    Path(".env").write_text("GROUNDKB_PORT=2\n")
    monkeypatch.setenv("GROUNDKB_PORT", "3")

    settings = load_settings()

    assert (settings.port, settings.retrieve) == (3, 9)
    assert load_settings(port=4).port == 4


def test_what_does_not_go_together_is_said_in_either_language() -> None:
    with pytest.raises(SettingsInvalid) as raised:
        load_settings(chat="openai")
    assert told(raised.value, "en").message.endswith(
        ": chat=openai needs openai_url and chat_model"
    )
    assert "还需要 openai_url 和 chat_model" in told(raised.value, "zh").message


@pytest.mark.parametrize("name", ["data", "models", "weights_dir", "calibration"])
def test_a_tilde_in_a_file_is_the_users_folder(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No shell has seen it: it was a folder called '~' in the one where groundkb was started."""
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("groundkb.toml").write_text(f'{name} = "~/kb"\n')

    assert getattr(load_settings(), name) == tmp_path / "kb"


def test_a_folder_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "~nobody-of-that-name/kb" in wrong(data="~nobody-of-that-name/kb")
    monkeypatch.setenv("GROUNDKB_DATA", "")
    monkeypatch.setenv("GROUNDKB_WEIGHTS_DIR", "")

    assert wrong().startswith("data: an empty value")
    assert load_settings(data="kb").weights_dir is None
