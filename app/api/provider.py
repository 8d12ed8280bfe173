"""Signing in by an OpenID Connect provider: discovery, a code with PKCE, and a proof that is checked.

The provider's secret goes in the header or body of one request to it, never into an address. What
it says is believed once its signature, issuer, audience, time and nonce are right.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.errors import Phrase, ProviderUnavailable, SignInRefused, reason_of
from app.library.people import Role
from app.library.sessions import Attempt
from app.settings import Settings

# Signatures by keys of the provider's alone: with a shared secret, whoever has it could sign.
ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
)
LEEWAY_SECONDS: Final = 120  # by which two clocks may differ
_KEPT_SECONDS: Final = 3600.0
_TIMEOUT: Final = 10.0
_NAMES: Final = (
    "preferred_username",
    "name",
    "email",
)  # what a person is called, the first there is
_LARGEST: Final = 1_000_000  # bytes of a provider's document


@dataclass(frozen=True)
class Known:
    """Whom the provider names. `groups` and `role` None: it does not say."""

    subject: str
    name: str
    groups: frozenset[str] | None
    role: Role | None


def role_by(groups: Collection[str] | None, settings: Settings) -> Role | None:
    """The role that somebody's groups give him; None: roles are given here."""
    if settings.admin_group is None or groups is None:
        return None
    return "admin" if settings.admin_group in groups else settings.new_person_role


class Provider:
    """The provider of GROUNDKB_OIDC_ISSUER. Its methods raise ProviderUnavailable."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer or ""
        self._metadata: tuple[float, OpenIDProviderMetadata] | None = None
        self._keys: KeySet | None = None

    async def address(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where the browser is sent to sign in."""
        metadata = await self._discovered()
        async with self._client(metadata, redirect_uri) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
            )
        return str(url)

    async def known(self, attempt: Attempt, code: str, redirect_uri: str) -> Known:
        """Who comes back with `code`. Raises SignInRefused."""
        metadata = await self._discovered()
        try:
            async with self._client(metadata, redirect_uri) as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"],
                    code=code,
                    code_verifier=attempt.verifier,
                    grant_type="authorization_code",
                )
        except AuthlibBaseError as error:
            raise SignInRefused(detail=Phrase("sign_in_denied", code=_code(error.error))) from None
        except Exception as error:  # noqa: BLE001  (of httpx or httpx2, whichever Authlib found)
            raise ProviderUnavailable(detail=_why(error)) from None
        claims = await self._proven(token, attempt.nonce)
        return self._named(claims)

    def _client(self, metadata: Mapping[str, Any], redirect_uri: str) -> AsyncOAuth2Client:
        secret = self._settings.oidc_client_secret
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        by_header = "client_secret_basic" in methods or "client_secret_post" not in methods
        method = "client_secret_basic" if by_header else "client_secret_post"
        return AsyncOAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
            token_endpoint_auth_method="none" if secret is None else method,
            scope=self._settings.oidc_scopes,
            redirect_uri=redirect_uri,
            timeout=_TIMEOUT,
            trust_env=False,
        )

    async def _discovered(self) -> OpenIDProviderMetadata:
        """What the provider tells of itself, asked for once an hour."""
        if self._metadata is not None and time.monotonic() - self._metadata[0] < _KEPT_SECONDS:
            return self._metadata[1]
        found = OpenIDProviderMetadata(await _json(get_well_known_url(self._issuer, external=True)))
        issuer = str(found.get("issuer"))[:200]
        if issuer != self._issuer:
            raise ProviderUnavailable(detail=Phrase("provider_issuer", issuer=issuer))
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(str(found.get(name))).scheme not in ("http", "https"):
                raise ProviderUnavailable(detail=Phrase("provider_lacks", name=name))
        self._metadata, self._keys = (time.monotonic(), found), None
        return found

    async def _proven(self, token: Mapping[str, Any], nonce: str) -> CodeIDToken:
        """What the ID token says, if it is meant for us and for this sign-in. Raises SignInRefused."""
        text = token.get("id_token")
        if not isinstance(text, str):
            raise SignInRefused(detail=Phrase("sign_in_proof"))
        try:
            try:
                decoded = jwt.decode(text, await self._known_keys(), algorithms=list(ALGORITHMS))
            except (JoseError, ValueError):
                # The provider may have new keys.
                self._keys = None
                decoded = jwt.decode(text, await self._known_keys(), algorithms=list(ALGORITHMS))
            options = {
                "iss": {"essential": True, "value": self._issuer},
                "sub": {"essential": True},
                "aud": {"essential": True, "value": self._settings.oidc_client_id},
                "nonce": {"essential": True, "value": nonce},
            }
            params = {
                "nonce": nonce,
                "client_id": self._settings.oidc_client_id,
                "access_token": token.get("access_token"),
            }
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, AuthlibBaseError, ValueError, TypeError) as error:
            raise SignInRefused(detail=Phrase("sign_in_proof")) from error
        return claims

    async def _known_keys(self) -> KeySet:
        if self._keys is None:
            metadata = await self._discovered()
            self._keys = KeySet.import_key_set(await _json(metadata["jwks_uri"]))  # type: ignore[arg-type]
        return self._keys

    def _named(self, claims: Mapping[str, Any]) -> Known:
        names = (claims.get(name) for name in _NAMES)
        name = next((name for name in names if isinstance(name, str) and name.strip()), "")
        groups = None
        if self._settings.oidc_groups_claim is not None:
            # A claim that is not there says that he is in none.
            listed = claims.get(self._settings.oidc_groups_claim) or []
            listed = [listed] if isinstance(listed, str) else listed
            groups = frozenset(
                group.strip()[:100]
                for group in (listed if isinstance(listed, list) else [])
                if isinstance(group, str) and group.strip()
            )
        subject = str(claims["sub"])
        return Known(subject, name or subject, groups, role_by(groups, self._settings))


async def _json(url: str) -> dict[str, Any]:
    """A document of the provider's. Raises ProviderUnavailable."""
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            response = await client.get(url, headers={"Accept": "application/json"})
        found = response.json() if len(response.content) <= _LARGEST else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ProviderUnavailable(detail=_why(error)) from None
    if response.status_code != 200 or not isinstance(found, dict):
        raise ProviderUnavailable(detail=Phrase("provider_said", status=str(response.status_code)))
    return found


def _code(error: object) -> str:
    """A provider's word for what was wrong, such as `invalid_grant`; no more of its text."""
    text = str(error)
    return text if text.isascii() and text.replace("_", "").isalnum() else "error"


def _why(error: Exception) -> Phrase:
    """In words of ours alone: whoever signs in may not learn addresses of the inner network."""
    told = reason_of(error)
    return told if isinstance(told, Phrase) else Phrase("answer_not_understood")
