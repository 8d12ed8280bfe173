"""Which models for this machine, these documents and this use: proposals with their reasons."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from app.errors import Language, Phrase
from app.models.known import ChatFacts, EncoderFacts, FactGroup, Known, Licence, Role
from app.models.machine import Machine

Use = Literal["commercial", "research"]
# In doublings of the size: what a year of progress, a language and the right kind are worth. Of a year
# makers claim more: Qwen3-32B to be as good as Qwen2.5-72B, seven months older.
_PER_YEAR: Final = 1.0
_LANGUAGE: Final = 1.5
_CODE: Final = 1.5
_REASONING: Final = 0.75
SHIPPED: Final = "intfloat/multilingual-e5-small"

_FACTS: Final[dict[FactGroup, Phrase]] = {
    "shape": Phrase("fact_shape"),
    "licence": Phrase("fact_licence"),
    "names": Phrase("fact_names"),
    "ollama": Phrase("fact_ollama"),
    "released": Phrase("fact_released"),
    "languages": Phrase("fact_languages"),
}


@dataclass(frozen=True)
class Wanted:
    """`languages`: of the library. `window`: tokens. `speed`: tokens a second at least."""

    languages: tuple[Language, ...] = get_args(Language)
    window: int = 8_192
    use: Use = "commercial"
    speed: float = 5.0


@dataclass(frozen=True)
class Proposal:
    """`memory`: bytes, of weights and cache. `speed`: tokens a second, about; None: not a chat
    model. `command` brings and sets it."""

    role: Role
    name: str
    size: str | None
    memory: float
    speed: float | None
    reasons: tuple[Phrase, ...]
    warnings: tuple[Phrase, ...]
    command: str


@dataclass(frozen=True)
class Passed:
    """A model that was not proposed, and why."""

    name: str
    why: Phrase


@dataclass(frozen=True)
class Advice:
    """Proposals by role, the best first; none where nothing fits."""

    proposals: tuple[Proposal, ...]
    passed: tuple[Passed, ...]


def advise(known: Known, machine: Machine, wanted: Wanted, most: int = 3) -> Advice:
    """At most `most` chat models, and one model of each other role that is worth having."""
    chats: list[tuple[float, Proposal]] = []
    passed: list[Passed] = []
    for model in known.chat:
        found = _chat(model, machine, wanted)
        if isinstance(found, Phrase):
            passed.append(Passed(model.name, found))
        else:
            chats.append((_worth(model, wanted), found))
    chats.sort(key=lambda item: -item[0])
    others = [_embedding(known.embedding, machine, wanted)]
    if machine.fast:
        others.append(_reranking(known.reranking, machine, wanted))
    proposals = [proposal for _, proposal in chats[:most]]
    return Advice((*proposals, *(item for item in others if item is not None)), tuple(passed))


def sizes_that_fit(model: ChatFacts, machine: Machine, window: int) -> list[tuple[str, float]]:
    """Sizes of a chat model that fit beside its cache, the best first, with bytes in all."""
    needs = [(size, model.memory(size, window)) for size in model.sizes]
    return [(size, memory) for size, memory in needs if memory <= machine.room]


def _chat(model: ChatFacts, machine: Machine, wanted: Wanted) -> Proposal | Phrase:
    if model.ollama is None:
        return Phrase("advice_not_in_ollama")
    if wanted.use == "commercial" and model.licence.commercial == "no":
        return Phrase("advice_licence_forbids", licence=model.licence.name)
    if model.context < wanted.window:
        return Phrase("advice_window", context=model.context, window=wanted.window)
    size = model.default_size
    memory = model.memory(size, wanted.window)
    if memory > machine.room:
        return Phrase(
            "advice_too_large", needs=f"{memory / 1e9:.1f}", room=f"{machine.room / 1e9:.1f}"
        )
    share = model.working / model.parameters

    def speed_of(quantisation: str) -> float:
        return machine.tokens_per_second(model.weights(quantisation) * share)

    speed = speed_of(size)
    if speed < wanted.speed:
        return Phrase("advice_too_slow", speed=f"{speed:.1f}", wanted=f"{wanted.speed:g}")
    reasons = [
        Phrase(
            "advice_fits",
            needs=f"{memory / 1e9:.1f}",
            room=f"{machine.room / 1e9:.1f}",
            size=size,
            window=wanted.window,
        ),
        Phrase("advice_speed", speed=f"{speed:.0f}"),
    ]
    made_for = "languages" not in model.unconfirmed and set(wanted.languages) <= set(
        model.languages
    )
    if made_for:
        reasons.append(Phrase("advice_languages", languages=", ".join(wanted.languages)))
    larger, room = next(
        each
        for each in sizes_that_fit(model, machine, wanted.window)
        if speed_of(each[0]) >= wanted.speed
    )
    if larger != size:
        reasons.append(Phrase("advice_larger_size", size=larger, needs=f"{room / 1e9:.1f}"))
    return Proposal(
        "chat",
        model.name,
        size,
        memory,
        speed,
        tuple(reasons),
        tuple(_warnings(model, wanted)),
        f"groundkb models pull {model.ollama} && "
        f"GROUNDKB_CHAT=ollama GROUNDKB_CHAT_MODEL={model.ollama} "
        f"GROUNDKB_CHAT_NUM_CTX={wanted.window} groundkb serve",
    )


def _warnings(model: ChatFacts, wanted: Wanted) -> list[Phrase]:
    found = []
    if model.kind == "code":
        found.append(Phrase("advice_code_model"))
    if model.kind == "reasoning":
        found.append(Phrase("advice_reasoning_model"))
    missing = [language for language in wanted.languages if language not in model.languages]
    if missing:
        found.append(Phrase("advice_language_missing", languages=", ".join(missing)))
    return found + _licence(model.licence, wanted) + _doubts(model)


def unconfirmed(model: ChatFacts | EncoderFacts) -> Phrase | None:
    """Which facts of a model no source confirms; None when all are."""
    if not model.unconfirmed:
        return None
    return Phrase("advice_unconfirmed", facts=[_FACTS[group].data() for group in model.unconfirmed])


def fact_group(group: FactGroup) -> Phrase:
    """What a group of facts is called."""
    return _FACTS[group]


def _doubts(model: ChatFacts | EncoderFacts) -> list[Phrase]:
    doubt = unconfirmed(model)
    return [doubt] if doubt else []


def _licence(licence: Licence, wanted: Wanted) -> list[Phrase]:
    if wanted.use == "research" or licence.commercial == "yes":
        return []
    return [Phrase("advice_licence_limits", licence=licence.name, url=licence.url)]


def _worth(model: ChatFacts, wanted: Wanted) -> float:
    """Orders the chat models that fit; no meaning beyond it. A mixture of experts knows about as
    much as a dense model of the geometric mean of its total and active parameters."""
    size = math.log2(math.sqrt(model.parameters * model.working))
    year, month = (int(part) for part in model.released.split("-"))
    missing = sum(language not in model.languages for language in wanted.languages)
    worth = size + _PER_YEAR * (year - 2023 + month / 12) - _LANGUAGE * missing
    return worth - {"chat": 0.0, "code": _CODE, "reasoning": _REASONING}[model.kind]


def _embedding(models: Sequence[EncoderFacts], machine: Machine, wanted: Wanted) -> Proposal | None:
    """The largest that leaves the chat model its room; on a CPU what embeds ten passages a second."""
    room = max(0.05 * machine.room, 1.3e9) if machine.fast else 0.6e9
    found = _encoder(models, machine, wanted, room)
    if found is None:
        return None
    model, memory = found
    reasons = [_encoder_fits(memory), Phrase("advice_reader_base", model=SHIPPED)]
    command = f"GROUNDKB_EMBEDDING_MODEL={model.hub} groundkb models pull && groundkb reindex --embedding-model {model.hub}"
    if model.hub == SHIPPED:
        reasons, command = [_encoder_fits(memory), Phrase("advice_shipped")], "groundkb models pull"
    return Proposal(
        "embedding",
        model.name,
        None,
        memory,
        None,
        tuple(reasons),
        tuple(_licence(model.licence, wanted) + _doubts(model)),
        command,
    )


def _reranking(models: Sequence[EncoderFacts], machine: Machine, wanted: Wanted) -> Proposal | None:
    found = _encoder(models, machine, wanted, max(0.05 * machine.room, 1.3e9))
    if found is None:
        return None
    model, memory = found
    return Proposal(
        "reranking",
        model.name,
        None,
        memory,
        None,
        (_encoder_fits(memory), Phrase("advice_reranker")),
        tuple(_licence(model.licence, wanted) + _doubts(model)),
        f"GROUNDKB_RERANKER={model.hub} groundkb serve",
    )


def _encoder(
    models: Sequence[EncoderFacts], machine: Machine, wanted: Wanted, room: float
) -> tuple[EncoderFacts, float] | None:
    each = 2 if machine.gpu_bytes else 4
    fitting = [
        model
        for model in models
        if model.memory(each) <= room
        and model.loads
        and set(wanted.languages) <= set(model.languages)
        and not (wanted.use == "commercial" and model.licence.commercial == "no")
    ]
    if not fitting:
        return None
    free = [model for model in fitting if not _licence(model.licence, wanted)]
    best = max(free or fitting, key=lambda model: (model.parameters, model.released))
    return best, best.memory(each)


def _encoder_fits(memory: float) -> Phrase:
    return Phrase("advice_encoder_fits", needs=f"{memory / 1e9:.1f}")
