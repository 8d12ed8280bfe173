"""What changed between two OpenAPI documents, as Markdown for CHANGELOG.md:

    git show TAG:frontend/openapi.json > /tmp/before.json
    .venv/bin/python tools/api_changes.py /tmp/before.json frontend/openapi.json

Descriptions, titles and examples do not count, nor does the order of anything.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

WORDS = {"description", "title", "examples", "example", "summary"}
Document = Mapping[str, Any]


def changes(before: Document, after: Document) -> list[str]:
    """One line of Markdown for each kind of change that there is."""
    routes, routes_now = _routes(before), _routes(after)
    models, models_now = _models(before), _models(after)
    both = sorted(models.keys() & models_now.keys())
    lines = [
        _line("Routes added", routes_now.keys() - routes.keys()),
        _line("Routes removed", routes.keys() - routes_now.keys()),
        _line("Query parameters added", _of_both(routes_now, routes)),
        _line("Query parameters removed", _of_both(routes, routes_now)),
        _line("Answers added", _answers(before, after)),
        _line("Models added", models_now.keys() - models.keys()),
        _line("Models removed", models.keys() - models_now.keys()),
        _line("Fields added", _of_both(models_now, models)),
        _line("Fields removed", _of_both(models, models_now)),
        _line(
            "Fields of another type",
            (
                f"{model}.{field}"
                for model in both
                for field in models[model].keys() & models_now[model].keys()
                if models[model][field] != models_now[model][field]
            ),
        ),
    ]
    return [line for line in lines if line]


def _line(what: str, names: Iterable[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in sorted(names))
    return f"- {what}: {listed}." if listed else ""


def _routes(document: Document) -> dict[str, dict[str, Any]]:
    """By 'GET /path': the query parameters."""
    return {
        f"{method.upper()} {path}": {
            each["name"]: each["schema"]
            for each in route.get("parameters", [])
            if each["in"] == "query"
        }
        for path, routes in document["paths"].items()
        for method, route in routes.items()
    }


def _answers(before: Document, after: Document) -> set[str]:
    """The status codes that routes of both have now and had not."""
    return {
        status
        for path, routes in after["paths"].items()
        for method, route in routes.items()
        if (known := before["paths"].get(path, {}).get(method))
        for status in route["responses"].keys() - known["responses"].keys()
    }


def _models(document: Document) -> dict[str, dict[str, Any]]:
    return {
        name: {field: _bare(shape) for field, shape in model.get("properties", {}).items()}
        for name, model in document["components"]["schemas"].items()
    }


def _bare(shape: Any) -> Any:
    match shape:
        case dict():
            return {name: _bare(part) for name, part in shape.items() if name not in WORDS}
        case list():
            return [_bare(part) for part in shape]
    return shape


def _of_both(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """'name.part' for each part that `there` has and `here` has not, of names that both have."""
    return [
        f"{name}.{part}" if name[0].isupper() and " " not in name else f"{name} {part}"
        for name in there.keys() & here.keys()
        for part in there[name].keys() - here[name].keys()
    ]


if __name__ == "__main__":
    documents = [json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:3]]
    sys.stdout.write("\n".join(changes(*documents)) + "\n")
