"""What is said of an API that changed."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "api_changes.py"


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("api_changes", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def document(routes: dict[str, tuple[list[str], list[str]]], **models: Any) -> dict[str, Any]:
    """`routes`: by path, its query parameters and status codes."""
    return {
        "paths": {
            path: {
                "get": {
                    "parameters": [
                        {"name": name, "in": "query", "schema": {"type": "string"}}
                        for name in queries
                    ],
                    "responses": {status: {} for status in answers},
                }
            }
            for path, (queries, answers) in routes.items()
        },
        "components": {"schemas": {name: {"properties": of} for name, of in models.items()}},
    }


def test_each_kind_of_change_is_a_line(tool: Any) -> None:
    text, number = {"type": "string", "description": "A word."}, {"type": "integer"}
    before = document(
        {"/a": (["x"], ["200"]), "/b": ([], ["200"])}, Old={}, A={"f": text, "g": text}
    )
    after = document(
        {"/a": (["x", "y"], ["200", "408"]), "/c": ([], ["200", "404"])},
        New={}, A={"f": number, "h": text},
    )  # fmt: skip
    assert tool.changes(before, after) == [
        "- Routes added: `GET /c`.",
        "- Routes removed: `GET /b`.",
        "- Query parameters added: `GET /a y`.",
        "- Answers added: `408`.",
        "- Models added: `New`.",
        "- Models removed: `Old`.",
        "- Fields added: `A.h`.",
        "- Fields removed: `A.g`.",
        "- Fields of another type: `A.f`.",
    ]


def test_other_words_are_no_change(tool: Any) -> None:
    before = document({}, A={"f": {"type": "string", "description": "A word."}})
    after = document({}, A={"f": {"description": "Another.", "title": "F", "type": "string"}})
    assert tool.changes(before, after) == []
