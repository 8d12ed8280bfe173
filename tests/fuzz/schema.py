"""The API against its own description: `python -m tests.fuzz.schema [--examples N]`, of the nightly tier.

Schemathesis makes requests of every route from the OpenAPI document, such as it describes and such
as it forbids; half of them name things that are there. No answer may be a 5xx but 503 and 502, none
have a status, a kind of content or a shape that is not described. Without accounts, and with them as an
admin and as a reader. Exits with 1 when a promise broke.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.library.people import SCOPES, Role
from app.runtime import Storage
from ingest.report import SyncRequest
from tests.conftest import write_documents
from tests.fuzz.server import opened

CHECKS: Final = [status_code_conformance, content_type_conformance, response_schema_conformance]
# Of these a running server says 'not now', whatever was asked.
PASSING: Final = (502, 503)


@contextmanager
def a_server(folder: Path, *, accounts: bool) -> Iterator[tuple[str, Storage, dict[str, str]]]:
    """Its address, and ids of what it holds by the names of path parameters."""
    folder.mkdir()
    documents = folder / "documents"
    write_documents(documents)
    data = folder / "data"
    bounds = {"answers_waiting": 1_000, "max_requests": 10_000_000, "max_wrong_keys": 10_000}
    with opened(data, accounts=accounts, schedule=False, **bounds) as (url, storage):
        storage.sync(SyncRequest((str(documents),), "default"), lambda _event: None)
        library = storage.library
        turn = library.conversations.ask("?", conversation_id=None, kb="default")
        person = library.people.add("Somebody")
        yield (
            url,
            storage,
            {
                "document_id": library.documents("default")[0].id,
                "conversation_id": turn.conversation_id,
                "turn_id": turn.id,
                "person_id": person.id,
                "key_id": library.people.add_key("Somebody", "k", ["ask"])[0].id,
                "kb": "default",
            },
        )


def broken(
    url: str, headers: Mapping[str, str], known: Mapping[str, str], examples: int
) -> dict[str, str]:
    """What went wrong, by route."""
    found: dict[str, str] = {}
    schema: Any = schemathesis.openapi.from_url(f"{url}/openapi.json", timeout=120)
    for result in schema.get_all_operations():
        operation = result.ok()
        name = f"{operation.method.upper()} {operation.path}"
        if (operation.method.upper(), operation.path) == ("DELETE", "/knowledge-bases/{kb}"):
            continue  # would take away what all others ask about; the rights matrix calls it
        count = 0

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal count
            count += 1
            if count % 2:
                for parameter in case.path_parameters or {}:
                    case.path_parameters[parameter] = known.get(
                        parameter, case.path_parameters[parameter]
                    )
            if isinstance(case.body, dict) and case.body.get("engine") == "ray":
                case.body["engine"] = "local"  # a cluster of its own takes minutes to start
            response = case.call(headers=dict(headers), timeout=120)
            assert response.status_code < 500 or response.status_code in PASSING, response.text
            case.validate_response(response, checks=CHECKS)

        try:
            ask()
        except (AssertionError, FailureGroup) as error:
            found[name] = str(error)
        print("✗" if name in found else ".", end="", flush=True)
    print()
    return found


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz.schema", description=__doc__)
    asked.add_argument("--examples", type=int, default=200, help="of each route")
    examples = asked.parse_args().examples
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # some requests name files to write
        for who in ("nobody asks", "admin", "reader"):
            place = Path(folder) / who
            with a_server(place, accounts=who != "nobody asks") as (url, storage, known):
                headers = {}
                if who != "nobody asks":
                    role: Role = "admin" if who == "admin" else "reader"
                    storage.library.people.add(who, role)
                    key = storage.library.people.add_key(who, "k", SCOPES["admin"])[1]
                    headers = {"Authorization": f"Bearer {key}"}
                print(f"{who}: ", end="", flush=True)
                found = broken(url, headers, known, examples)
                wrong += len(found)
                for name, why in found.items():
                    print(f"\n{name}\n{why}\n", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
