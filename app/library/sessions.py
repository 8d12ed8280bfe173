"""How people come in: passwords (argon2id), one-time links to choose one, and sessions.

Sessions and links are known by the SHA-256 of 256 random bits, which are nowhere kept.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, delete, func, select

from app.errors import LinkInvalid, PasswordWrong, PersonNotFound, Phrase, SignInRefused
from app.library.database import reading, repeated, writing
from app.library.people import Person, digest_of, new_user, person_of
from app.library.tables import SignedIn, SignInAttempt, SignInLink, User, now

_HASHER: Final = PasswordHasher()


@dataclass(frozen=True)
class Attempt:
    """What a provider is told: `state` comes back by the browser, `nonce` in what the provider signs,
    and `verifier` proves, at last, that it is we who asked."""

    state: str
    nonce: str
    verifier: str


@cache
def _nobodys() -> str:
    """A hash to compare with where there is nobody of a name: the answer takes as long as to a wrong
    password."""
    return _HASHER.hash(secrets.token_hex(16))


class Sessions:
    """Methods are safe to call from several threads and processes; they raise LibraryUnavailable.
    `sign_in` and `use_link` compute a hash for about 50 ms."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @repeated
    def make_link(self, name: str, lasts: timedelta) -> str:
        """The secret of a link by which that person may choose a password, once. Earlier links of
        hers are no more. Raises PersonNotFound."""
        secret = secrets.token_urlsafe(32)
        with writing(self._engine) as session:
            user = session.scalar(select(User).where(User.name == name))
            if user is None:
                raise PersonNotFound(name=name)
            session.execute(delete(SignInLink).where(SignInLink.user_id == user.id))
            session.add(SignInLink(digest=_digest(secret), user_id=user.id, ends_at=now() + lasts))
        return secret

    @repeated
    def use_link(self, secret: str, password: str) -> Person:
        """Whose link it is, with that password from now on; all sessions of hers end. Raises
        LinkInvalid for one that was used, has ended, or never was."""
        hashed = _HASHER.hash(password)
        with writing(self._engine) as session:
            link = session.get(SignInLink, _digest(secret))
            user = session.get(User, link.user_id) if link is not None else None
            if link is None or user is None or link.ends_at <= now() or not user.enabled:
                raise LinkInvalid
            session.execute(delete(SignInLink).where(SignInLink.user_id == user.id))
            session.execute(delete(SignedIn).where(SignedIn.user_id == user.id))
            user.password = hashed
            return person_of(session, user)

    def sign_in(self, name: str, password: str) -> Person | None:
        """Who that is; None for a wrong name or password, and for who may not come in."""
        with reading(self._engine) as session:
            user = session.scalar(select(User).where(User.name == name))
            kept = user.password if user is not None else None
            person = person_of(session, user) if user is not None else None
        good = _is_good(kept or _nobodys(), password)
        return person if good and kept and person is not None and person.enabled else None

    @repeated
    def change_password(self, person: Person, old: str, new: str, keep: str) -> None:
        """Another password, where the old one is right; all sessions of hers end but `keep`. Raises
        PasswordWrong, also for who has none."""
        if self.sign_in(person.name, old) is None:
            raise PasswordWrong
        hashed = _HASHER.hash(new)
        others = SignedIn.user_id == person.id, SignedIn.digest != _digest(keep)
        with writing(self._engine) as session:
            user = session.get(User, person.id)
            if user is None:
                raise PasswordWrong
            user.password = hashed
            session.execute(delete(SignedIn).where(*others))
            session.execute(delete(SignInLink).where(SignInLink.user_id == person.id))

    @repeated
    def begin_attempt(self, lasts: timedelta) -> tuple[str, Attempt]:
        """Somebody sets out to sign in by a provider: what his browser is to hold, and what the
        provider is told."""
        held = secrets.token_urlsafe(32)
        attempt = Attempt(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(64),
        )
        with writing(self._engine) as session:
            session.execute(delete(SignInAttempt).where(SignInAttempt.ends_at <= now()))
            row = SignInAttempt(digest=_digest(held), ends_at=now() + lasts, **asdict(attempt))
            session.add(row)
        return held, attempt

    @repeated
    def end_attempt(self, held: str, state: str) -> Attempt:
        """That attempt, once. Raises SignInRefused for one that is over, never was, or is not that of
        this browser."""
        with writing(self._engine) as session:
            row = session.get(SignInAttempt, _digest(held))
            if row is None:
                raise SignInRefused(detail=Phrase("sign_in_over"))
            attempt = Attempt(row.state, row.nonce, row.verifier)
            good = row.ends_at > now() and secrets.compare_digest(
                attempt.state.encode(), state.encode("utf-8", "replace")
            )
            session.delete(row)
        if not good:
            raise SignInRefused(detail=Phrase("sign_in_over"))
        return attempt

    @repeated
    def begin(self, person: Person, lasts: timedelta) -> str:
        """The secret of a new session: always a new one, whatever the caller came with."""
        secret = secrets.token_urlsafe(32)
        with writing(self._engine) as session:
            session.execute(delete(SignedIn).where(SignedIn.ends_at <= now()))
            row = SignedIn(digest=_digest(secret), user_id=person.id, ends_at=now() + lasts)
            session.add(row)
        return secret

    def holder(self, secret: str) -> Person | None:
        """Whose session it is; None for one that has ended or never was, and for who may not come
        in any more."""
        with reading(self._engine) as session:
            row = session.get(SignedIn, _digest(secret))
            user = session.get(User, row.user_id) if row is not None else None
            if row is None or user is None or row.ends_at <= now() or not user.enabled:
                return None
            return person_of(session, user)

    @repeated
    def end(self, secret: str) -> None:
        """One that is not there is no error."""
        with writing(self._engine) as session:
            session.execute(delete(SignedIn).where(SignedIn.digest == _digest(secret)))

    @repeated
    def first_admin(self, lasts: timedelta, name: str = "admin") -> str | None:
        """Where there is nobody yet: the secret of a link for a new admin of that name."""
        with writing(self._engine) as session:
            if session.scalar(select(func.count()).select_from(User)):
                return None
            new_user(session, name, "admin")
        return self.make_link(name, lasts)


def _is_good(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(secret: str) -> str:
    return digest_of(secret.encode("utf-8", "replace"))
