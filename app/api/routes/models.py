"""Which chat models suit the server's machine, and fetching one."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import LanguageDep, ServiceDep
from app.api.pulling import Pull
from app.api.wire.base import FAILURES, ErrorBody, error_detail
from app.api.wire.models import (
    Looked,
    ModelAdvice,
    PassedBody,
    ProposalBody,
    PullIn,
    PullStatus,
)
from app.library.languages import document_languages
from app.models.advise import Proposal, Use, Wanted, advise
from app.models.known import find_chat, known
from app.models.machine import this_machine
from app.runtime import Runtime
from app.texts import say

router = APIRouter(tags=["models"], route_class=Guarded, dependencies=DOCUMENTED)


def _proposal(proposal: Proposal, runtime: Runtime, language: str) -> ProposalBody:
    found = find_chat(proposal.name) if proposal.role == "chat" else None
    name = found.ollama if found else None
    used = {runtime.chat_name.partition("/")[2], runtime.embedder.identity.model}
    return ProposalBody(
        role=proposal.role,
        name=proposal.name,
        size=proposal.size,
        memory=proposal.memory,
        speed=proposal.speed,
        reasons=tuple(say(reason, language) for reason in proposal.reasons),
        warnings=tuple(say(warning, language) for warning in proposal.warnings),
        command=proposal.command,
        ollama=name,
        in_use=name in used or proposal.name in used,
    )


@router.get(
    "/models/advice",
    summary="Which models suit this machine",
    description="As `groundkb models advise` tells it, for the languages of the documents.",
    responses=FAILURES,
)
def advice(
    service: ServiceDep,
    language: LanguageDep,
    window: Annotated[int, Query(ge=512, le=1_048_576)] = 8_192,
    use: Use = "commercial",
    speed: Annotated[float, Query(ge=0, le=1_000)] = 5.0,
) -> ModelAdvice:
    runtime, machine = service.runtime, this_machine()
    languages = document_languages(runtime.library)
    wanted = Wanted(languages or Wanted.languages, window, use, speed)
    found = advise(known(), machine, wanted)
    return ModelAdvice(
        as_of=known().as_of,
        machine=Looked(
            ram_bytes=machine.ram_bytes,
            cores=machine.cores,
            gpu_bytes=machine.gpu_bytes,
            metal=machine.metal,
            languages=languages,
            chat=runtime.chat_name,
        ),
        proposals=tuple(_proposal(each, runtime, language) for each in found.proposals),
        passed=tuple(
            PassedBody(name=each.name, why=say(each.why, language)) for each in found.passed
        ),
    )


def _status(pull: Pull, language: str) -> PullStatus:
    return PullStatus(
        model=pull.model,
        state=pull.state,
        file=pull.progress.file,
        done=pull.progress.done,
        total=pull.progress.total,
        error=None if pull.error is None else error_detail(pull.error, language),
    )


@router.get("/models/pull", summary="How far a model is", responses=FAILURES)
async def pulled(service: ServiceDep, language: LanguageDep) -> PullStatus:
    return _status(service.pulling.latest, language)


@router.post(
    "/models/pull",
    status_code=202,
    summary="Have Ollama fetch a model",
    description="From the server at `GROUNDKB_OLLAMA_URL`; `GET` tells how far it is.",
    responses={409: {"model": ErrorBody, "description": "Another is being fetched."}, **FAILURES},
)
async def pull(body: PullIn, service: ServiceDep, language: LanguageDep) -> PullStatus:
    return _status(service.pulling.start(service.settings.ollama_url, body.model), language)
