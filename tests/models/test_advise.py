"""What is proposed for which machine."""

import re

import pytest

from app import texts
from app.errors import MachineUnknown
from app.models.advise import Advice, Use, Wanted, advise, sizes_that_fit
from app.models.known import find_chat, known
from app.models.machine import Machine, described, this_machine

# machine, window, use → the first chat model, the embedding model
TABLE = [
    ("8GB-laptop", 8_192, "commercial", "Qwen3-4B-Instruct-2507", "multilingual-e5-small"),
    ("8GB-laptop", 4_096, "commercial", "Qwen3-4B-Instruct-2507", "multilingual-e5-small"),
    ("16GB-laptop", 8_192, "commercial", "Qwen3-4B-Instruct-2507", "multilingual-e5-small"),
    ("32GB-laptop", 8_192, "commercial", "Qwen3.5-35B-A3B", "multilingual-e5-small"),
    ("16GB-mac", 8_192, "commercial", "Qwen3.5-9B", "multilingual-e5-base"),
    ("24GB-gpu", 8_192, "commercial", "Qwen3.8-27B", "Qwen3-Embedding-0.6B"),
    ("80GB-gpu", 8_192, "commercial", "Qwen3.8-27B", "Qwen3-Embedding-0.6B"),
]


def asked(machine: str, **changes: object) -> Advice:
    return advise(known(), described(machine), Wanted(**changes))  # type: ignore[arg-type]


def by_role(advice: Advice, role: str) -> list[str]:
    return [each.name for each in advice.proposals if each.role == role]


@pytest.mark.parametrize(("machine", "window", "use", "chat", "embedding"), TABLE)
def test_proposals(machine: str, window: int, use: Use, chat: str, embedding: str) -> None:
    found = asked(machine, window=window, use=use)
    assert by_role(found, "chat")[0] == chat
    assert by_role(found, "embedding") == [embedding]


@pytest.mark.parametrize("machine", ["8GB-laptop", "16GB-mac", "24GB-gpu", "80GB-gpu"])
def test_all_that_is_proposed_fits_and_is_explained(machine: str) -> None:
    room = described(machine).room
    found = asked(machine)
    for proposal in found.proposals:
        assert proposal.memory <= room
        assert proposal.command
        for language in ("zh", "en"):
            said = [texts.say(each, language) for each in (*proposal.reasons, *proposal.warnings)]
            assert all(said)
            assert not re.search(r"[{}]", "".join(said))
    names = {each.name for each in found.proposals} | {each.name for each in found.passed}
    assert "DeepSeek-V3-0324" in names


def why(advice: Advice, name: str) -> str:
    return next(texts.say(each.why, "en") for each in advice.passed if each.name == name)


def warnings(advice: Advice, name: str) -> str:
    [proposal] = [each for each in advice.proposals if each.name == name]
    return " ".join(texts.say(each, "en") for each in proposal.warnings)


def everything(machine: Machine, wanted: Wanted) -> Advice:
    return advise(known(), machine, wanted, most=100)


def test_a_licence_that_forbids_the_use_is_said() -> None:
    machine = described("24GB-gpu")
    assert "forbids commercial use" in why(everything(machine, Wanted()), "Qwen2.5-3B-Instruct")
    research = everything(machine, Wanted(use="research"))
    assert "Qwen2.5-3B-Instruct" in by_role(research, "chat")


def test_conditions_kinds_and_languages_are_warned_of() -> None:
    found = everything(described("80GB-gpu"), Wanted(("zh",)))
    assert "conditions for commercial use" in warnings(found, "Llama-3.1-8B-Instruct")
    assert "not made for zh" in warnings(found, "Llama-3.1-8B-Instruct")
    assert "code model is no chat model" in warnings(found, "Qwen2.5-Coder-1.5B-Instruct")
    assert "thinks before" in warnings(found, "DeepSeek-R1-Distill-Qwen-7B")
    assert warnings(found, "Qwen3-8B") == ""


def test_what_no_source_confirms_is_warned_of_and_not_claimed() -> None:
    found = everything(described("24GB-gpu"), Wanted())
    assert "not confirmed by a source: licence, date" in warnings(found, "GLM-4.7-Flash")
    assert "languages" in warnings(found, "gemma-3-12b-it")
    [gemma] = [each for each in found.proposals if each.name == "gemma-3-12b-it"]
    assert not any(reason.code == "advice_languages" for reason in gemma.reasons)


def test_window_speed_and_room_rule_models_out() -> None:
    found = asked("80GB-gpu", window=32_768)
    assert "window is 4096" in why(found, "Yi-1.5-9B-Chat")
    assert "room for" in why(found, "DeepSeek-V3-0324")
    slow = asked("64GB-laptop", speed=5.0)
    assert "tokens a second" in why(slow, "Qwen3-32B")
    assert "Qwen3-32B" in by_role(everything(described("64GB-laptop"), Wanted(speed=0.5)), "chat")


def test_the_shipped_embedding_model_never_loses_a_language() -> None:
    for machine in ("8GB-laptop", "16GB-mac", "24GB-gpu"):
        [name] = by_role(asked(machine), "embedding")
        assert name not in ("all-MiniLM-L6-v2", "bge-large-zh-v1.5")


def test_sizes_that_fit_come_best_first() -> None:
    model = find_chat("qwen3:8b")
    assert model is not None
    sizes = [size for size, _ in sizes_that_fit(model, described("8GB-gpu"), 4_096)]
    assert sizes == ["Q5_K_M", "Q4_K_M", "Q4_0"]


def test_a_machine_that_is_none_is_refused() -> None:
    for text in ("big", "GB-gpu", "24GB", "24GB-toaster", ""):
        with pytest.raises(MachineUnknown):
            described(text)


def test_this_machine_is_looked_at() -> None:
    machine = this_machine()
    assert machine.ram_bytes > 10**8
    assert machine.cores >= 1
    assert advise(known(), machine, Wanted()).passed
