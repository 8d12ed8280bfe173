"""What is kept of a trial is kept for these documents."""

from pathlib import Path

from app.evaluation.corpus import temporary_corpus
from app.evaluation.datasets import Dataset
from app.evaluation.trial import library_state
from app.models.choose import chat_named
from app.settings import Settings
from tests.conftest import BigramEmbedder


def test_another_text_is_another_state(
    settings: Settings, fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    def state(text: str) -> str:
        (folder / "pump.txt").write_text(text)
        empty = Dataset("d", "en", (), ())
        with temporary_corpus(settings, empty, folder, fake_embedder) as corpus:
            return library_state(corpus)

    first = state("Pump P7 has 16 bar.")
    assert state("Pump P7 has 17 bar.") != first
    assert state("Pump P7 has 16 bar.") == first


def test_a_model_is_named_by_its_server_or_by_the_catalogue(settings: Settings) -> None:
    def name(given: str, **changes: object) -> str:
        chat = chat_named(settings.model_copy(update=changes), given)
        return f"{chat.provider}/{chat.name}"

    assert name("gemma3:4b") == "ollama/gemma3:4b"
    assert name("Qwen3-8B") == "ollama/qwen3:8b"
    served = {"openai_url": "http://127.0.0.1:9/v1", "chat": "openai"}
    assert name("Qwen/Qwen3-8B", **served) == "openai/Qwen/Qwen3-8B"
    assert name("ollama/Qwen3-8B", **served) == "ollama/qwen3:8b"
    assert name("openai/x", openai_url=served["openai_url"]) == "openai/x"
