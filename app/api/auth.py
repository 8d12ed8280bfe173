"""Who calls, and may he: each request is some `Caller`'s, found once, before its body is read.

Over 350 lines: the ways to be known (key, session, header) and what each may are asked in one order, which shows whole.
"""

import hashlib
import hmac
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, Final

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import SecretStr

from app.api.callers import (
    KEYHOLDER,
    LOCAL,
    OPERATOR,
    PROXY,
    Caller,
    of_person,
    of_settings_key,
)
from app.api.needs import Need, need_of
from app.api.noted import note, note_request
from app.api.protocol import is_loopback, is_origin_of, network_of
from app.api.provider import role_by
from app.api.service import Service, service_of
from app.api.text_request import TextRequest
from app.errors import (
    ApiKeyWrong,
    CrossSite,
    GroundkbError,
    LibraryFailed,
    NotAllowed,
    OperatorOnly,
    PathUnknown,
    Phrase,
    RequestInvalid,
    SignedInOnly,
    SignInNeeded,
    TooManyRequests,
    TooManyWrongKeys,
)
from app.library.library import Library
from app.library.people import KEY_PREFIX, Person
from app.settings import Settings

OPERATOR_HEADER: Final = "X-Operator-Token"
SESSION_COOKIE: Final = "groundkb_session"
_SAFE: Final = ("GET", "HEAD", "OPTIONS")

# These only describe the two headers in OpenAPI; `Guarded` does the checking.
DOCUMENTED: Final = [
    Depends(
        HTTPBearer(
            auto_error=False,
            description="One of GROUNDKB_API_KEYS, if any is set, or a person's own.",
        )
    ),
    Depends(APIKeyHeader(name="X-API-Key", auto_error=False)),
]


async def identify(request: Request, service: Service) -> Caller:
    """Who it is. A wrong key is counted.

    Raises ApiKeyWrong; SignInNeeded; TooManyWrongKeys, without looking at the key, when many were wrong; and,
    with accounts, ServiceStarting and LibraryUnavailable.
    """
    settings = service.settings
    if not settings.asks_who:
        return OPERATOR if _is_operator(request, service) else LOCAL
    _unless_guessing(request, service)
    if _is_operator(request, service):
        return OPERATOR
    sent = sent_key(request)
    if _is_one_of(sent, settings.api_keys):
        return of_settings_key(sent) if settings.accounts else KEYHOLDER
    library = service.runtime.library if settings.accounts else None
    if library is not None and (named := named_by_proxy(request, service)):
        if request.method not in _SAFE and not from_here(request):
            raise CrossSite
        known = await service.at_door(partial(_known_to_proxy, library, service, *named))
        if known.enabled:
            return of_person(known, signed_in="proxy")
    elif library is not None and sent:
        if found := await service.at_door(partial(library.people.holder, sent)):
            return of_person(*found)
    elif library is not None and (cookie := request.cookies.get(session_cookie(request, settings))):
        if request.method not in _SAFE and not from_here(request):
            raise CrossSite
        if person := await service.at_door(partial(library.sessions.holder, cookie)):
            return of_person(person, signed_in="here")
    _count_wrong(request, service)
    if sent:
        await note(service, "sign_in_failed", "", address=caller_of(request))
    elif settings.accounts:
        raise SignInNeeded
    raise ApiKeyWrong


def from_here(request: Request) -> bool:
    """A page of this server sends it, or no page at all. A browser sends a cookie with what other
    sites' pages send as well; where the request comes from it says itself, and pages cannot."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and is_origin_of(origin, request.headers.get("host"))


def named_by_proxy(request: Request, service: Service) -> tuple[str, frozenset[str] | None] | None:
    """Whom a proxy that is believed names, and his groups if it tells them. A key of ours goes before:
    it may less. A header that comes twice has not been set by the proxy alone, and counts for none."""
    settings = service.settings
    if settings.proxy_user_header is None or not getattr(request.state, "named_proxy", False):
        return None
    if sent_key(request).startswith(KEY_PREFIX.encode()):
        return None
    names = _texts(request, settings.proxy_user_header)
    if len(names) != 1 or not names[0]:
        return None
    if settings.proxy_groups_header is None:
        return names[0], None
    listed = _texts(request, settings.proxy_groups_header)
    split = listed[0].split(",") if len(listed) == 1 else []
    return names[0], frozenset(group.strip()[:100] for group in split if group.strip())


def _texts(request: Request, header: str) -> list[str]:
    return [
        _raw(value).decode("utf-8", "replace").strip()[:10_000]
        for value in request.headers.getlist(header)
    ]


def _known_to_proxy(
    library: Library, service: Service, name: str, groups: frozenset[str] | None
) -> Person:
    settings = service.settings

    def known() -> Person:
        return library.people.known_as(
            PROXY,
            name,
            name,
            role=role_by(groups, settings),
            groups=groups,
            first_role=settings.new_person_role,
            takes_over=True,
        )

    try:
        return known()
    except LibraryFailed:
        # A page asks several things at once, and another request has just made him.
        return known()


async def is_trusted(request: Request, service: Service) -> bool:
    """Whether causes may be told to him that hold addresses of the inner network."""
    try:
        return (await identify(request, service)).may("all")
    except GroundkbError:
        return False


def caller(request: Request) -> Caller:
    """Who calls a guarded route."""
    found: Caller = request.state.caller
    return found


def _is_operator(request: Request, service: Service) -> bool:
    """The caller could read the token that `groundkb serve` leaves in its data folder, or has one
    of the operator's keys."""
    token = service.operator_token
    shown = _raw(request.headers.get(OPERATOR_HEADER, ""))
    if token is not None and hmac.compare_digest(shown, token.encode()):
        return True
    return _is_one_of(sent_key(request), service.settings.operator_keys)


def sent_key(request: Request) -> bytes:
    """The key that came with the request, as its bytes were; empty: none came."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _raw(bearer.strip())
    return _raw(request.headers.get("x-api-key", "").strip())


def _is_one_of(sent: bytes, keys: Iterable[SecretStr]) -> bool:
    """Every key is compared, in time that does not depend on where a difference lies."""
    texts = [key.get_secret_value().strip() for key in keys]
    # Clients send what is beyond ASCII in UTF-8, or in Latin-1 as HTTP once had it.
    meant = [key.encode() for key in texts]
    meant += [key.encode("latin-1", errors="ignore") for key in texts if not key.isascii()]
    return sum([hmac.compare_digest(sent, key) for key in meant if key]) > 0


def _unless_guessing(request: Request, service: Service) -> None:
    if sent_key(request) and (wait := service.wrong_keys.wait(caller_of(request))):
        raise TooManyWrongKeys(seconds=wait)


def _count_wrong(request: Request, service: Service) -> None:
    if sent_key(request):
        service.wrong_keys.count(caller_of(request))


def caller_of(request: Request) -> str:
    """The network address that the request came from; '' for none, as through a Unix socket."""
    return network_of(request.client.host) if request.client else ""


def public_base(request: Request, settings: Settings) -> str:
    """Where people reach this server, path prefix included, without a slash at the end."""
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def session_cookie(request: Request, settings: Settings) -> str:
    """The name of the cookie that holds a session. Where TLS leads to the whole host, browsers take a
    cookie of this name from it alone: no page of a neighbouring name can plant one, and have
    people work in a session of somebody else's."""
    whole = not request.scope.get("root_path", "")
    is_https = public_base(request, settings).startswith("https://")
    return f"__Host-{SESSION_COOKIE}" if whole and is_https else SESSION_COOKIE


def asker_of(request: Request) -> str:
    """Who counts as one asker in the queue: a person, the holder of a key, else an address."""
    if who := caller(request).id:
        return who
    if key := sent_key(request):
        return hashlib.blake2b(key, digest_size=8).hexdigest()
    return caller_of(request)


def require_operator(request: Request) -> None:
    """Raises OperatorOnly; where nobody is asked who he is, a wrong key counts here, as in `identify`."""
    if caller(request).operator:
        return
    service = service_of(request)
    if not service.settings.asks_who:
        _unless_guessing(request, service)
        _count_wrong(request, service)
    raise OperatorOnly


class Open(APIRoute):
    """A route by which people say who they are: only there where there are accounts. It reads text
    where JSON has it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            service = service_of(request)
            if not service.settings.accounts:
                raise PathUnknown(path=request.url.path)
            # Setting out to a provider leaves a row for some minutes, whoever it is.
            _unless_too_many(service, None, caller_of(request))
            return await inner(TextRequest(request.scope, request.receive))

        return handler


class Guarded(APIRoute):
    """A route that finds out who calls, and whether he may, before it reads the body, and reads text
    where JSON has it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        path = self.path
        by_query = _takes_kb(self.dependant)
        # Where the route itself takes it, without one all are meant.
        usual = any(map(_takes_kb, self.dependant.dependencies))

        async def handler(request: Request) -> Response:
            service = service_of(request)
            request.state.caller = await identify(request, service)
            _unless_nul(request)
            found = caller(request)
            _unless_too_many(service, found.id or found.key, caller_of(request))
            need = need_of(request.method, path)
            _require(request, service, need, by_query=by_query, usual=usual)
            read = TextRequest(request.scope, request.receive)
            response = await inner(read)
            who, of = caller(request), {"address": caller_of(request)}
            await note_request(service, read, response, path, who.name, key=who.key or "", **of)
            return response

        return handler


def _unless_too_many(service: Service, mine: str | None, address: str) -> None:
    """Raises TooManyRequests; `mine`: the person or key. Behind a proxy on this machine that says
    nothing, and for programs on it, all would have one address: loopback's counts for none."""
    counted = [
        *([f"who {mine}"] if mine else []),
        *([f"at {address}"] if address and not is_loopback(address) else []),
    ]
    if wait := max((service.requests.wait(each) for each in counted), default=0):
        raise TooManyRequests(seconds=wait)
    for each in counted:
        service.requests.count(each)


def _unless_nul(request: Request) -> None:
    """Raises RequestInvalid for U+0000 in path or query, where no name and no text has it."""
    nul = {"path": "\0" in request.scope["path"], "query": b"%00" in request.scope["query_string"]}
    for part in (part for part, there in nul.items() if there):
        raise RequestInvalid(detail=Phrase("has_nul", part=part))


def _takes_kb(dependant: Dependant) -> bool:
    """A route, or something that it asks for, has the query parameter `kb`."""
    return any(field.alias == "kb" for field in dependant.query_params) or any(
        map(_takes_kb, dependant.dependencies)
    )


def _require(
    request: Request, service: Service, need: Need, *, by_query: bool, usual: bool
) -> None:
    """Raises NotAllowed and OperatorOnly. Where a route is about one knowledge base, by its path or
    (`by_query`) its query, it is the role there that counts (`usual`: in the usual one where none is
    named); a body may name one to ask or read only, which the library itself limits."""
    if need == "operator":
        require_operator(request)
        return
    if need == "person" and not caller(request).may(need):
        raise SignedInOnly
    named: list[str | None] = []
    if "kb" in request.path_params:
        named = [request.path_params["kb"]]
    elif by_query:
        named = [*request.query_params.getlist("kb")]
        if usual and not named:
            named = [service.kb(None, caller(request).kbs)]
    who = caller(request)
    if not all(who.may(need, kb) for kb in named or [None]):
        raise NotAllowed(need=need)


def _raw(header: str) -> bytes:
    """A header's bytes: Starlette has read them as Latin-1."""
    return header.encode("latin-1")
