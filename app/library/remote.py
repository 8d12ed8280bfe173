"""What the last look at a remote source saw: which documents, and the state of each."""

from collections.abc import Mapping

from sqlalchemy import Engine, delete, insert, select

from app.library.database import reading, repeated, writing
from app.library.limits import hold, refresh
from app.library.tables import AddressLimit, Document, RemoteState


class RemoteStates:
    """Methods are safe to call from several threads and processes; they raise LibraryUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def under(self, kb: str, root: str) -> dict[str, str]:
        """The state of each source that `root` held, '' where its server told none."""
        with reading(self._engine) as session:
            rows = session.execute(
                select(RemoteState.source, RemoteState.state).where(
                    RemoteState.kb == kb, RemoteState.root == root
                )
            )
            return {row.source: row.state for row in rows}

    @repeated
    def replace(self, kb: str, root: str, states: Mapping[str, str]) -> None:
        """Remember what `root` holds now."""
        with writing(self._engine) as session:
            hold(session)
            session.execute(
                delete(RemoteState).where(RemoteState.kb == kb, RemoteState.root == root)
            )
            rows = [
                {"kb": kb, "root": root, "source": source, "state": state}
                for source, state in states.items()
            ]
            if rows:
                session.execute(insert(RemoteState), rows)
            if session.get(AddressLimit, (kb, root)) is not None:
                member = select(RemoteState.source).where(
                    RemoteState.kb == kb, RemoteState.root == root
                )
                refresh(session, kb, Document.source.in_(member))

    def elsewhere(self, kb: str, root: str) -> set[str]:
        """Sources that another root holds too: they stay when `root` has lost them."""
        with reading(self._engine) as session:
            return set(
                session.scalars(
                    select(RemoteState.source).where(RemoteState.kb == kb, RemoteState.root != root)
                )
            )
