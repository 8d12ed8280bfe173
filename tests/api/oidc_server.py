"""A real OpenID Connect provider as a process of the tests: `python -m tests.api.oidc_server PORT`.

oidc-provider-mock, with two things that a provider in use has: it knows one client, by its secret
and its address, and it holds each code to the PKCE challenge that it was asked for with.
"""

import os
import sys
from typing import Any, Final

CLIENT: Final = "groundkb"
SECRET: Final = "the client's own secret"
BACK: Final = (
    "http://127.0.0.1:8000/sign-in/provider/back",
    "https://kb.example/sign-in/provider/back",
)


def serve(port: int) -> None:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    import flask
    import oidc_provider_mock._app as mock
    from authlib.oauth2.rfc7636 import CodeChallenge
    from oidc_provider_mock._storage import Client, storage
    from werkzeug.serving import run_simple

    challenges: dict[str, str] = {}

    class Grant(mock.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

        def save_authorization_code(self, code: str, request: Any) -> None:
            challenges[code] = request.payload.data.get("code_challenge", "")
            super().save_authorization_code(code, request)

    class Challenge(CodeChallenge):  # type: ignore[misc]
        def get_authorization_code_challenge(self, authorization_code: Any) -> str:
            return challenges[authorization_code.code]

        def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
            return "S256"

    class Server(mock.flask_oauth2.AuthorizationServer):  # type: ignore[misc]
        def register_grant(self, grant: Any, extensions: Any = None) -> None:
            if grant is Grant:
                extensions = [*extensions, Challenge(required=True)]
            super().register_grant(grant, extensions)

    mock.AuthorizationCodeGrant = Grant
    mock.flask_oauth2.AuthorizationServer = Server
    app = mock.app(require_client_registration=True, require_nonce=True)
    app.debug = False

    @app.before_request  # type: ignore[untyped-decorator]
    def know_the_client() -> None:
        if storage.get_client(CLIENT) is None:
            known = Client(
                id=CLIENT,
                secret=SECRET,
                redirect_uris=list(BACK),
                allowed_scopes=Client.SCOPES_SUPPORTED,
                token_endpoint_auth_method="client_secret_basic",
            )
            flask.g.oidc_provider_mock_storage.store_client(known)

    run_simple("127.0.0.1", port, app, threaded=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
