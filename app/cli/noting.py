"""What commands change of people's rights is noted, as what is changed over HTTP is."""

import getpass

from app.cli.say import Cli
from app.library.audit import Action
from app.library.library import Library

_LONGEST = 4_000


def noted(
    library: Library, cli: Cli, detail: str, about: str, action: Action = "granted", kb: str = ""
) -> None:
    """By whom is the user of this machine. Nothing where GROUNDKB_AUDIT_DAYS is 0."""
    if not cli.settings.audit_days:
        return
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "?"
    library.audit.add(
        action,
        f"{user} (groundkb)",
        detail=detail[:_LONGEST],
        object=about[:_LONGEST],
        kb=kb,
    )
