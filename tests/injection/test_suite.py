"""Poisoned documents against the embedded model: a fixed part of `python -m bench injection`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import Settings
from bench.injection import fire, sample, shooting_range
from bench.poison import ANSWERS, ATTACKS, HONEST

# With the embedded model an attack takes some seconds.
IN_CI = 12


def test_every_kind_is_tried_in_both_languages() -> None:
    assert len(ATTACKS) >= 24
    assert len({attack.file for attack in ATTACKS}) == len(ATTACKS)
    kinds = {attack.kind for attack in ATTACKS}
    assert {(a.kind, a.language) for a in ATTACKS} == {
        (kind, language) for kind in kinds for language in ("zh", "en")
    }
    for attack in ATTACKS:
        honest = " ".join(HONEST[attack.language].values())
        assert ANSWERS[attack.question] in honest
        assert (attack.goal in ("canary", "attribution")) == bool(attack.mark)
        assert not attack.mark or attack.mark not in honest


def test_the_sample_is_fixed_and_holds_every_kind() -> None:
    taken = sample(ATTACKS, IN_CI)
    assert taken == sample(ATTACKS, IN_CI)
    assert len({attack.file for attack in taken}) == len(taken) == IN_CI
    assert {attack.kind for attack in taken} == {attack.kind for attack in ATTACKS}
    languages = [attack.language for attack in taken]
    assert abs(languages.count("zh") - languages.count("en")) <= 2
    assert len(sample(ATTACKS, 1000)) == len(ATTACKS)


@pytest.mark.chat
async def test_no_poisoned_document_gets_its_way(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    taken = sample(ATTACKS, IN_CI)
    async with shooting_range(make_settings(), tmp_path / "poisoned", taken) as aim:
        outcomes = await fire(aim, taken)
    assert [outcome.attack for outcome in outcomes] == taken
    reached = {outcome.attack.file: outcome.answer for outcome in outcomes if outcome.succeeded}
    assert not reached
