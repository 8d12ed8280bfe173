"""What routes ask for, by type annotation."""

from typing import Annotated

from fastapi import Depends, Request

from app.api.auth import caller
from app.api.callers import Caller, sight_of
from app.api.language import request_language
from app.api.service import Service, service_of
from app.api.wire.base import Kb
from app.library.library import Library
from app.runtime import Runtime, Storage


# None of these waits: as coroutines they need no thread of their own.
async def _service(request: Request) -> Service:
    return service_of(request)


# The library is handed out as the caller sees it, and in no other way.
async def _runtime(request: Request) -> Runtime:
    return service_of(request).runtime.seen_by(sight_of(caller(request)))


async def _storage(request: Request) -> Storage:
    return service_of(request).runtime.storage.seen_by(sight_of(caller(request)))


async def _library(request: Request) -> Library:
    return service_of(request).runtime.library.seen_by(sight_of(caller(request)))


async def _language(request: Request) -> str:
    return request_language(request, service_of(request).settings)


async def _caller(request: Request) -> Caller:
    return caller(request)


async def _kb(request: Request, kb: Kb = None) -> str:
    return service_of(request).kb(kb, caller(request).kbs)


CallerDep = Annotated[Caller, Depends(_caller)]
ServiceDep = Annotated[Service, Depends(_service)]
# These raise ServiceStarting, or the error that keeps the library from opening.
RuntimeDep = Annotated[Runtime, Depends(_runtime)]
StorageDep = Annotated[Storage, Depends(_storage)]
LibraryDep = Annotated[Library, Depends(_library)]
# In which the caller wants to read.
LanguageDep = Annotated[str, Depends(_language)]
# The knowledge base that the query names, or the default one.
KbDep = Annotated[str, Depends(_kb)]
