"""`groundkb users` and `groundkb keys`: who may use the library, and with which keys."""

from contextlib import closing
from typing import Annotated

import typer

from app.api.routes.people import change_person, make_key
from app.api.routes.sign_in import LINK_LASTS, sign_in_link
from app.api.wire.people import NewKey, NewPerson, PersonBody, PersonChange
from app.cli.arguments import checked
from app.cli.noting import noted
from app.cli.say import Cli
from app.library.library import open_library
from app.library.people import KeyRow


def add_users(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("people.users"))
    app.add_typer(group, name="users")

    def show(person: PersonBody) -> None:
        cli.print_json(person.model_dump_json(indent=2))

    @group.command(help=say("people.add"))
    def add(
        name: Annotated[str, typer.Argument(help=say("people.name"))],
        role: Annotated[str, typer.Option(help=say("people.role"))] = "reader",
        group: Annotated[list[str] | None, typer.Option(help=say("people.group"))] = None,
    ) -> None:
        new = checked(NewPerson, name=name, role=role, groups=tuple(group or ()))
        with closing(open_library(cli.settings)) as library:
            show(PersonBody.of(library.people.add(new.name, new.role, new.groups)))
            noted(library, cli, f"users add {new.model_dump_json()}", new.name)

    @group.command("list", help=say("people.list"))
    def list_() -> None:
        with closing(open_library(cli.settings)) as library:
            for person in library.people.all():
                groups = ", ".join(sorted(person.groups))
                roles = ", ".join(f"{kb}: {role}" for kb, role in person.roles.items())
                off = "" if person.enabled else say("people.off")
                parts = (person.name, person.role, roles, groups, off)
                cli.out.print("  ".join(part for part in parts if part))

    @group.command("set", help=say("people.set"))
    def set_(
        name: Annotated[str, typer.Argument(help=say("people.name"))],
        role: Annotated[str | None, typer.Option(help=say("people.role"))] = None,
        kb_role: Annotated[list[str] | None, typer.Option(help=say("people.kb_role"))] = None,
        group: Annotated[list[str] | None, typer.Option(help=say("people.group"))] = None,
        no_groups: Annotated[
            bool, typer.Option("--no-groups", help=say("people.no_groups"))
        ] = False,
        enabled: Annotated[
            bool | None, typer.Option("--enable/--disable", help=say("people.enabled"))
        ] = None,
    ) -> None:
        pairs = [item.partition("=") for item in kb_role or ()]
        change = checked(
            PersonChange,
            role=role,
            groups=() if no_groups else tuple(group) if group else None,
            enabled=enabled,
            roles={kb: other or None for kb, _, other in pairs},
        )
        with closing(open_library(cli.settings)) as library:
            show(change_person(library, name, change))
            noted(library, cli, f"users set {change.model_dump_json(exclude_defaults=True)}", name)

    @group.command(help=say("people.invite"))
    def invite(
        name: Annotated[str, typer.Argument(help=say("people.name"))],
        url: Annotated[str | None, typer.Option(help=say("people.invite_url"))] = None,
    ) -> None:
        settings = cli.settings
        here = f"http://{settings.host}:{settings.port}{settings.root_path}"
        base = url or settings.public_url or here
        with closing(open_library(settings)) as library:
            secret = library.sessions.make_link(name, LINK_LASTS)
            noted(library, cli, "users invite", name)
        cli.out.print(sign_in_link(base, secret))

    @group.command(help=say("people.remove"))
    def remove(name: Annotated[str, typer.Argument(help=say("people.name"))]) -> None:
        with closing(open_library(cli.settings)) as library:
            library.people.remove(name)
            noted(library, cli, "users remove", name)


def add_keys(app: typer.Typer, cli: Cli) -> None:
    """Add the command group."""
    say = cli.say
    group = typer.Typer(no_args_is_help=True, help=say("people.keys"))
    app.add_typer(group, name="keys")

    @group.command(help=say("people.add_key"))
    def add(
        person: Annotated[str, typer.Argument(help=say("people.name"))],
        name: Annotated[str, typer.Option(help=say("people.key_name"))],
        scope: Annotated[list[str] | None, typer.Option(help=say("people.scope"))] = None,
        kb: Annotated[list[str] | None, typer.Option(help=say("people.key_kb"))] = None,
        days: Annotated[int | None, typer.Option(help=say("people.days"))] = None,
    ) -> None:
        new = checked(
            NewKey,
            name=name,
            scopes=tuple(scope or ("ask", "read")),
            knowledge_bases=tuple(kb) if kb else None,
            days=days,
        )
        with closing(open_library(cli.settings)) as library:
            made = make_key(library, person, new)
            noted(library, cli, f"keys add {person}", made.id)
        cli.err.print(say("people.shown_once", id=made.id))
        cli.out.print(made.key)

    @group.command("list", help=say("people.list_keys"))
    def list_(person: Annotated[str, typer.Argument(help=say("people.name"))]) -> None:
        with closing(open_library(cli.settings)) as library:
            for row in library.people.keys(person):
                cli.out.print(_line(row, cli))

    @group.command(help=say("people.revoke"))
    def revoke(key_id: Annotated[str, typer.Argument(help=say("people.key_id"))]) -> None:
        with closing(open_library(cli.settings)) as library:
            cli.out.print(_line(library.people.revoke_key(key_id), cli))
            noted(library, cli, "keys revoke", key_id)


def _line(row: KeyRow, cli: Cli) -> str:
    where = "*" if row.kbs is None else ", ".join(sorted(row.kbs))
    until = ""
    if row.revoked_at is not None:
        until = cli.say("people.revoked", at=f"{row.revoked_at:%Y-%m-%d %H:%M}")
    elif row.ends_at is not None:
        until = cli.say("people.until", at=f"{row.ends_at:%Y-%m-%d %H:%M}")
    parts = (row.id, row.name, ", ".join(sorted(row.scopes)), where, until)
    return "  ".join(part for part in parts if part)
