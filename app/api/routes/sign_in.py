"""Signing in, where there are accounts: a page of its own, and what it sends."""

import asyncio
from datetime import timedelta
from html import escape
from string import Template
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.api.auth import Open, caller_of, from_here, public_base, session_cookie
from app.api.dependencies import LanguageDep, ServiceDep
from app.api.noted import note
from app.api.provider import Provider
from app.api.service import Service
from app.api.wire.base import FAILURES, ErrorBody
from app.api.wire.people import NewPassword, SignIn
from app.errors import (
    CrossSite,
    GroundkbError,
    LinkInvalid,
    PasswordWrong,
    PathUnknown,
    Phrase,
    SignInRefused,
    TooManyWrongKeys,
)
from app.library.library import Library
from app.library.people import Person
from app.texts import say, told

router = APIRouter(tags=["people"], route_class=Open)
LINK_LASTS: Final = timedelta(days=3)
ONLY_WITH_ACCOUNTS: Final[dict[int | str, dict[str, object]]] = {
    404: {"model": ErrorBody, "description": "There are no accounts here."},
    **FAILURES,
}
# By a provider: where the browser sets out, and where it comes back with a code.
BY_PROVIDER: Final = "/sign-in/provider"
COME_BACK: Final = f"{BY_PROVIDER}/back"
ATTEMPT_COOKIE: Final = "groundkb_attempt"
ATTEMPT_LASTS: Final = timedelta(minutes=10)

_PAGE: Final = Template("""<!doctype html>
<html lang="$language"><head><meta charset="utf-8"><title>groundkb</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="$root/sign-in.css"></head>
<body><main><h1>groundkb</h1><p id="choose" hidden>$choose</p>
<form id="form" data-root="$root" data-unreachable="$unreachable">
<label id="named">$name<input name="name" autocomplete="username" required></label>
<label>$password<input name="password" type="password" autocomplete="current-password" required></label>
<button>$sign_in</button><p id="problem" role="alert">$problem</p></form>$provider</main>
<script src="$root/sign-in.js"></script></body></html>
""")
_STYLE: Final = """:root{color-scheme:light dark;font:16px/1.6 system-ui,sans-serif;
--ink:light-dark(#1f2421,#e8e8e2);--line:light-dark(#8d887b,#7d857f);
--accent:light-dark(#0f6658,#3fa38f)}
body{display:grid;place-items:center;min-height:100dvh;margin:0;color:var(--ink);
background:light-dark(#faf9f6,#161816)}
main{box-sizing:border-box;width:min(24rem,100vw);padding:1.5rem}
h1{margin:0 0 1rem;font-size:1.4rem}label{display:block;margin:.75rem 0;font-weight:600}
input,button,#provider{display:block;box-sizing:border-box;width:100%;padding:.6rem .8rem;font:inherit;
border:1px solid var(--line);border-radius:.6rem}
input{margin-top:.25rem;font-weight:400;color:inherit;background:light-dark(#fff,#1f2220)}
button{margin-top:1.25rem;font-weight:600;border-color:transparent;cursor:pointer;
background:var(--accent);color:light-dark(#fff,#07201b)}
:focus-visible{outline:2px solid light-dark(#0b7f6c,#6bd0bb);outline-offset:2px}
@media(forced-colors:active){button{color:ButtonText;background:ButtonFace;border-color:currentColor}}
#provider{text-align:center;color:inherit;text-decoration:none}
#problem{min-height:1.6em;color:light-dark(#a3271d,#f19a90)}
"""
# A link's secret stands behind the '#', which no browser sends, and goes from the address at once.
_SCRIPT: Final = """const form = document.getElementById("form");
const link = new URLSearchParams(location.hash.slice(1)).get("link");
if (link) {
  history.replaceState(null, "", location.pathname);
  document.getElementById("choose").hidden = false;
  document.getElementById("named").remove();
  document.getElementById("provider")?.remove();
  form.password.autocomplete = "new-password";
  form.password.minLength = 10;
}
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const sent = link
    ? { link, password: form.password.value }
    : { name: form.name.value, password: form.password.value };
  const response = await fetch(form.dataset.root + (link ? "/sign-in/link" : "/sign-in"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(sent),
  }).catch(() => null);
  if (response?.ok) return location.replace(form.dataset.root + "/");
  const said = await response?.json().catch(() => null);
  document.getElementById("problem").textContent =
    said?.error?.message ?? form.dataset.unreachable;
});
"""


def sign_in_link(base: str, secret: str) -> str:
    """Where somebody chooses a password; `base`: where the server is reached."""
    return f"{base.rstrip('/')}/sign-in#link={secret}"


@router.get("/sign-in", include_in_schema=False)
async def page(request: Request, language: LanguageDep, service: ServiceDep) -> HTMLResponse:
    return _page(request, language, service)


def _page(
    request: Request, language: str, service: Service, problem: GroundkbError | None = None
) -> HTMLResponse:
    words = {
        "name": say(Phrase("sign_in_name"), language),
        "password": say(Phrase("sign_in_password"), language),
        "sign_in": say(Phrase("sign_in"), language),
        "choose": say(Phrase("sign_in_choose"), language),
        "unreachable": say(Phrase("sign_in_unreachable"), language),
    }
    words["problem"] = "" if problem is None else told(problem, language).message
    root = request.scope.get("root_path", "")
    shown = {key: escape(word) for key, word in words.items()}
    shown["provider"] = ""
    if service.provider is not None:
        phrase = Phrase("sign_in_by_provider", name=service.settings.oidc_name)
        name = escape(say(phrase, language))
        shown["provider"] = f'<a id="provider" href="{root}{BY_PROVIDER}">{name}</a>'
    status = 200 if problem is None else problem.status
    html = _PAGE.substitute(shown, root=root, language=language)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})


@router.get(BY_PROVIDER, include_in_schema=False)
async def set_out(request: Request, language: LanguageDep, service: ServiceDep) -> Response:
    """Send the browser to the provider."""
    provider, sessions = _provider(request, service), service.runtime.library.sessions
    held, attempt = await asyncio.to_thread(sessions.begin_attempt, ATTEMPT_LASTS)
    try:
        address = await provider.address(attempt, _come_back(request, service))
    except GroundkbError as error:
        return _page(request, language, service, error)
    leaving = RedirectResponse(address, 303)
    leaving.set_cookie(
        ATTEMPT_COOKIE,
        held,
        max_age=int(ATTEMPT_LASTS.total_seconds()),
        path=f"{request.scope.get('root_path', '')}{BY_PROVIDER}",
        secure=_is_https(request, service),
        httponly=True,
        samesite="lax",  # the provider's page sends the browser back with it
    )
    return leaving


@router.get(COME_BACK, include_in_schema=False)
async def come_back(
    request: Request,
    language: LanguageDep,
    service: ServiceDep,
    code: str = "",
    state: str = "",
    error: str = "",
) -> Response:
    """The provider has sent the browser back."""
    address = caller_of(request)
    try:
        person = await _by_provider(request, service, code, state, error)
    except GroundkbError as problem:
        if isinstance(problem, SignInRefused):
            service.wrong_keys.count(address)
            await note(service, "sign_in_failed", "", address=address)
        return _page(request, language, service, problem)
    entering = RedirectResponse(f"{request.scope.get('root_path', '')}/", 303)
    await _let_in(person, request, entering, service)
    path = f"{request.scope.get('root_path', '')}{BY_PROVIDER}"
    entering.delete_cookie(ATTEMPT_COOKIE, path=path)
    return entering


async def _by_provider(
    request: Request, service: Service, code: str, state: str, error: str
) -> Person:
    """Raises SignInRefused, ProviderUnavailable, TooManyWrongKeys, and errors of the library."""
    provider, library = _provider(request, service), service.runtime.library
    settings = service.settings
    if wait := service.wrong_keys.wait(caller_of(request)):
        raise TooManyWrongKeys(seconds=wait)
    held = request.cookies.get(ATTEMPT_COOKIE, "")
    attempt = await asyncio.to_thread(library.sessions.end_attempt, held, state)
    if error or not code:
        shown = error if error.isascii() and error.replace("_", "").isalnum() else "error"
        raise SignInRefused(detail=Phrase("sign_in_denied", code=shown[:60]))
    known = await provider.known(attempt, code, _come_back(request, service))
    person = await asyncio.to_thread(
        library.people.known_as,
        settings.oidc_issuer or "",
        known.subject,
        known.name,
        role=known.role,
        groups=known.groups,
        first_role=settings.new_person_role,
    )
    if not person.enabled:
        raise SignInRefused(detail=Phrase("sign_in_disabled"))
    return person


def _provider(request: Request, service: Service) -> Provider:
    """Raises PathUnknown where there is none."""
    if service.provider is None:
        raise PathUnknown(path=request.url.path)
    return service.provider


def _come_back(request: Request, service: Service) -> str:
    return f"{public_base(request, service.settings)}{COME_BACK}"


def _is_https(request: Request, service: Service) -> bool:
    return public_base(request, service.settings).startswith("https://")


@router.get("/sign-in.js", include_in_schema=False)
async def script() -> Response:
    return Response(_SCRIPT, media_type="text/javascript")


@router.get("/sign-in.css", include_in_schema=False)
async def style() -> Response:
    return Response(_STYLE, media_type="text/css")


@router.post(
    "/sign-in",
    status_code=204,
    summary="Sign in",
    description="Sets a cookie, which opens the API to this browser. Only where there are accounts.",
    responses=ONLY_WITH_ACCOUNTS,
)
async def sign_in(body: SignIn, request: Request, response: Response, service: ServiceDep) -> None:
    sessions = _library(request, service).sessions
    who, address = body.name, caller_of(request)
    async with service.hashing:
        if wait := max(service.wrong_keys.wait(address), service.wrong_names.wait(who)):
            raise TooManyWrongKeys(seconds=wait)
        person = await asyncio.to_thread(sessions.sign_in, who, body.password.get_secret_value())
        if person is None:
            service.wrong_keys.count(address)
            service.wrong_names.count(who)
    if person is None:
        await note(service, "sign_in_failed", who, address=address)
        raise PasswordWrong
    await _let_in(person, request, response, service)


@router.post(
    "/sign-in/link",
    status_code=204,
    summary="Choose a password by a one-time link",
    description="And sign in. All other sessions of that person end.",
    responses=ONLY_WITH_ACCOUNTS,
)
async def by_link(
    body: NewPassword, request: Request, response: Response, service: ServiceDep
) -> None:
    sessions, address = _library(request, service).sessions, caller_of(request)
    secret, password = body.link.get_secret_value(), body.password.get_secret_value()
    try:
        async with service.hashing:
            if wait := service.wrong_keys.wait(address):
                raise TooManyWrongKeys(seconds=wait)
            try:
                person = await asyncio.to_thread(sessions.use_link, secret, password)
            except LinkInvalid:
                service.wrong_keys.count(address)
                raise
    except LinkInvalid:
        await note(service, "sign_in_failed", "", address=address)
        raise
    await _let_in(person, request, response, service)


@router.post("/sign-out", status_code=204, summary="Sign out", responses=ONLY_WITH_ACCOUNTS)
async def sign_out(request: Request, response: Response, service: ServiceDep) -> None:
    sessions = _library(request, service).sessions
    name = session_cookie(request, service.settings)
    if secret := request.cookies.get(name):
        person = await asyncio.to_thread(sessions.holder, secret)
        await asyncio.to_thread(sessions.end, secret)
        if person is not None:
            await note(service, "signed_out", person.name, address=caller_of(request))
    response.delete_cookie(
        name, path=_path(request), secure=_is_https(request, service), httponly=True, samesite="lax"
    )


async def _let_in(person: Person, request: Request, response: Response, service: Service) -> None:
    sessions = service.runtime.library.sessions
    name = session_cookie(request, service.settings)
    if old := request.cookies.get(name):
        await asyncio.to_thread(sessions.end, old)
    lasts = timedelta(days=service.settings.session_days)
    secret = await asyncio.to_thread(sessions.begin, person, lasts)
    await note(service, "signed_in", person.name, address=caller_of(request))
    response.set_cookie(
        name,
        secret,
        max_age=int(lasts.total_seconds()),
        path=_path(request),
        secure=_is_https(request, service),
        httponly=True,
        samesite="lax",
    )


def _library(request: Request, service: Service) -> Library:
    """Raises CrossSite for what another site sends."""
    if not from_here(request):
        raise CrossSite
    return service.runtime.library


def _path(request: Request) -> str:
    return request.scope.get("root_path", "") or "/"
