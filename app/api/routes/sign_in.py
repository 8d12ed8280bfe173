"""Signing in, where there are accounts: a page of its own, and what it sends."""

import asyncio
from datetime import timedelta
from html import escape
from string import Template
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from app.api.auth import SESSION_COOKIE, Open, caller_of, from_here
from app.api.dependencies import LanguageDep, ServiceDep
from app.api.noted import note
from app.api.service import Service
from app.api.wire.base import FAILURES
from app.api.wire.people import NewPassword, SignIn
from app.errors import CrossSite, LinkInvalid, PasswordWrong, Phrase, TooManyWrongKeys
from app.library.library import Library
from app.library.people import Person
from app.texts import say

router = APIRouter(tags=["people"], route_class=Open)
LINK_LASTS: Final = timedelta(days=3)

_PAGE: Final = Template("""<!doctype html>
<html lang="$language"><head><meta charset="utf-8"><title>groundkb</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="$root/sign-in.css"></head>
<body><main><h1>groundkb</h1><p id="choose" hidden>$choose</p>
<form id="form" data-root="$root">
<label id="named">$name<input name="name" autocomplete="username" required></label>
<label>$password<input name="password" type="password" autocomplete="current-password" required></label>
<button>$sign_in</button><p id="problem" role="alert"></p></form></main>
<script src="$root/sign-in.js"></script></body></html>
""")
_STYLE: Final = """:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{display:grid;place-items:center;min-height:90vh;margin:0}
main{width:min(22rem,90vw)}label{display:block;margin:.75rem 0}
input,button{display:block;box-sizing:border-box;width:100%;padding:.6rem;font:inherit;margin-top:.25rem}
#problem{min-height:1.5em;color:light-dark(#b00020,#ff8a80)}
"""
# A link's secret stands behind the '#', which no browser sends, and goes from the address at once.
_SCRIPT: Final = """const form = document.getElementById("form");
const link = new URLSearchParams(location.hash.slice(1)).get("link");
if (link) {
  history.replaceState(null, "", location.pathname);
  document.getElementById("choose").hidden = false;
  document.getElementById("named").remove();
  form.password.autocomplete = "new-password";
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
  });
  if (response.ok) location.replace(form.dataset.root + "/");
  else document.getElementById("problem").textContent = (await response.json()).error.message;
});
"""


def sign_in_link(base: str, secret: str) -> str:
    """Where somebody chooses a password; `base`: where the server is reached."""
    return f"{base.rstrip('/')}/sign-in#link={secret}"


@router.get("/sign-in", include_in_schema=False)
async def page(request: Request, language: LanguageDep) -> HTMLResponse:
    words = {
        "name": say(Phrase("sign_in_name"), language),
        "password": say(Phrase("sign_in_password"), language),
        "sign_in": say(Phrase("sign_in"), language),
        "choose": say(Phrase("sign_in_choose"), language),
    }
    root = request.scope.get("root_path", "")
    shown = {key: escape(word) for key, word in words.items()}
    return HTMLResponse(_PAGE.substitute(shown, root=root, language=language))


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
    responses=FAILURES,
)
async def sign_in(body: SignIn, request: Request, response: Response, service: ServiceDep) -> None:
    sessions = _library(request, service).sessions
    who, address = body.name, caller_of(request)
    if wait := max(service.wrong_keys.wait(address), service.wrong_names.wait(who)):
        raise TooManyWrongKeys(seconds=wait)
    person = await asyncio.to_thread(sessions.sign_in, who, body.password.get_secret_value())
    if person is None:
        service.wrong_keys.failed(address)
        service.wrong_names.failed(who)
        await note(service, "sign_in_failed", who, address=address)
        raise PasswordWrong
    await _let_in(person, request, response, service)


@router.post(
    "/sign-in/link",
    status_code=204,
    summary="Choose a password by a one-time link",
    description="And sign in. All other sessions of that person end.",
    responses=FAILURES,
)
async def by_link(
    body: NewPassword, request: Request, response: Response, service: ServiceDep
) -> None:
    sessions, address = _library(request, service).sessions, caller_of(request)
    if wait := service.wrong_keys.wait(address):
        raise TooManyWrongKeys(seconds=wait)
    secret, password = body.link.get_secret_value(), body.password.get_secret_value()
    try:
        person = await asyncio.to_thread(sessions.use_link, secret, password)
    except LinkInvalid:
        service.wrong_keys.failed(address)
        await note(service, "sign_in_failed", "", address=address)
        raise
    await _let_in(person, request, response, service)


@router.post("/sign-out", status_code=204, summary="Sign out", responses=FAILURES)
async def sign_out(request: Request, response: Response, service: ServiceDep) -> None:
    sessions = _library(request, service).sessions
    if secret := request.cookies.get(SESSION_COOKIE):
        person = await asyncio.to_thread(sessions.holder, secret)
        await asyncio.to_thread(sessions.end, secret)
        if person is not None:
            await note(service, "signed_out", person.name, address=caller_of(request))
    response.delete_cookie(SESSION_COOKIE, path=_path(request))


async def _let_in(person: Person, request: Request, response: Response, service: Service) -> None:
    sessions = service.runtime.library.sessions
    if old := request.cookies.get(SESSION_COOKIE):
        await asyncio.to_thread(sessions.end, old)
    lasts = timedelta(days=service.settings.session_days)
    secret = await asyncio.to_thread(sessions.begin, person, lasts)
    await note(service, "signed_in", person.name, address=caller_of(request))
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(lasts.total_seconds()),
        path=_path(request),
        secure=request.url.scheme == "https",
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
