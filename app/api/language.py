"""In which language a message to the asker is written."""

from starlette.requests import Request

from app.settings import Settings
from app.texts import FALLBACK, language_of


def accepted_language(header: str | None) -> str | None:
    """The preferred one of the catalogues' in an Accept-Language header; None: it names none.

    Weights as in RFC 9110, section 12.5.4; of equal weights the first wins.
    """
    best: tuple[float, str] | None = None
    for item in (header or "").split(","):
        tag, _, parameters = item.strip().lower().partition(";")
        language = language_of(tag)
        if language is None:
            continue
        weight = _weight(parameters)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, language)
    return best[1] if best else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def request_language(request: Request, settings: Settings) -> str:
    """The header's language, else the settings', else the question's, else English."""
    accepted = accepted_language(request.headers.get("accept-language"))
    if accepted is not None:
        return accepted
    if settings.language != "auto":
        return settings.language
    asked: str = getattr(request.state, "asked_language", FALLBACK)
    return asked
