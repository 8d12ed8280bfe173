"""Training on a tiny base: it learns, goes on after a stop, and what it writes the reader loads."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

from app.models.catalogue import READER_BASE
from app.models.e5 import build_tokenizer
from app.models.e5_packed import PackedModel
from app.models.e5_reader import build_e5_reader
from app.models.embedding import Vector
from app.models.reader_network import read_adapter
from app.models.reading import Reading
from app.settings import Settings
from tests.models.test_e5 import write_packed
from training.example import Example, write_examples
from training.figures import by_kind, sample, score, table
from training.train import Plan, train

QUESTION = "ab"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder whose e5-small is a network of random weights and 16 words."""
    base = tmp_path_factory.mktemp("models")
    write_packed(base / "small.bin")
    folder = base / "embedding" / READER_BASE.replace("/", "--")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=16, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer = build_tokenizer(PackedModel(base / "small.bin").vocabulary)
    tokenizer.save(str(folder / "tokenizer.json"))
    return base


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """So small a network is no faster on more, and on a busy machine they wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def plan(models: Path, tmp_path: Path, **values: object) -> Plan:
    """Right is a passage that begins with 可, whatever follows; the same for answers."""
    examples = []
    for tail in ("a", "b", "ab", "a b", "b a", "ab a", "a a", "b b"):
        for right, text in ((True, f"可 {tail}"), (False, f"许 {tail}")):
            kind = "answer" if right else "random"
            start = (0, 1) if right else (-1, -1)
            examples.append(Example(QUESTION, text, right, kind, "zh", False, None, *start))  # type: ignore[arg-type]
            examples.append(Example(QUESTION, text, right, kind, "zh", False, tail))  # type: ignore[arg-type]
    write_examples(tmp_path / "examples.jsonl", examples)
    given = {"seconds": 600.0, "epochs": 60.0, "rate": 2e-3, "tokens": 256, "layers": 12, **values}
    base = models / "embedding" / READER_BASE.replace("/", "--")
    return Plan(tmp_path / "examples.jsonl", None, base, tmp_path / "run", "tiny", **given)  # type: ignore[arg-type]


def test_it_learns_and_the_reader_reads_by_it(models: Path, tmp_path: Path) -> None:
    adapter = train(plan(models, tmp_path))
    about = read_adapter(adapter)
    assert (about.name, about.tasks) == ("tiny", {"read", "check"})
    settings = Settings(_env_file=None, models=models, embedding_precision="fp32")  # type: ignore[call-arg]
    reader = build_e5_reader(settings, adapter=adapter)
    right, wrong = reader.read(QUESTION, ["可 ab", "许 ab"])
    assert right.answers > wrong.answers + 0.5
    good, bad = reader.check(QUESTION, "ab", ["可 ab", "许 ab"])
    assert good > bad + 0.5


def test_a_second_call_goes_on_where_the_first_stopped(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = plan(models, tmp_path, epochs=4.0)
    train(plan(models, tmp_path, epochs=4.0, seconds=0.0))
    assert "from step 0" in (first := capsys.readouterr().out)
    assert "stopped at step 0" in first
    before = load_file(str(train(whole)))
    done = capsys.readouterr().out
    assert "from step 0" in done
    steps = done.split("stopped at step ")[1].split()[0]
    after = load_file(str(train(whole)))
    assert f"from step {steps}" in capsys.readouterr().out
    assert all((before[name] == after[name]).all() for name in before)


class _Lengths:
    """A reader that likes long passages."""

    name = "lengths"
    checks = True

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        return [Reading(float(len(passage)), ()) for passage in passages]

    def check(self, question: str, answer: str, passages: Sequence[str]) -> Vector:
        return np.array([len(answer)] * len(passages), np.float32)


def test_figures_are_apart_by_task_kind_and_pair_of_languages() -> None:
    examples = [
        Example("q", "long enough", True, "answer", "en"),
        Example("q", "short", False, "cut", "en"),
        Example("q", "longer than that", False, "row", "en"),
        Example("q", "长", True, "answer", "en", True),
        Example("q", "p", True, "answer", "en", False, "right"),
        Example("q", "p", False, "number", "en", False, "rig"),
    ]
    taken = sample(examples * 9, 2)
    assert [taken.count(example) for example in examples] == [6, 2, 2, 6, 6, 2]
    found = by_kind(examples, score(_Lengths(), examples))
    assert found == {
        ("read", "cut", "en"): (1.0, 1),
        ("read", "row", "en"): (0.0, 1),
        ("check", "number", "en"): (1.0, 1),
    }
    shown = table({"one": found, "two": found})
    assert "| read, cut | – | 1.000 / 1.000 (1) | – | – |" in shown
