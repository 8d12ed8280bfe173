"""Reading the prompt files. What the model is told stands in `prompts/`, never in code."""

from collections.abc import Mapping
from importlib.resources import files
from typing import get_args

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, meta

from app.answering.versions import version_of
from app.errors import Language, Phrase, SettingsInvalid

# Kinds of question that ask for a form of their own; the others take that of 'fact'.
FORMS: tuple[str, ...] = (
    "fact", "yesno", "definition", "list", "steps", "reasons", "comparison", "changes", "overview",
)  # fmt: skip
# Task: the variables its template must use, all of them and no others.
TASKS: Mapping[str, frozenset[str]] = {
    "system": frozenset({"refusal"}),
    "answer": frozenset({"context", "query", "form"}),
    "answer-small": frozenset({"context", "query", "form"}),
    **{f"form-{kind}": frozenset() for kind in FORMS},
    "summary": frozenset({"context", "query"}),
    "rephrase": frozenset({"query"}),
    "rewrite": frozenset({"history", "query"}),
    "refusal": frozenset(),
    "greeting": frozenset(),
}
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Prompts:
    """All templates, checked when built. `render` fills one; `version` is equal for equal ones."""

    def __init__(self, sources: Mapping[tuple[str, Language], str]) -> None:
        """`sources` by (task, language). Raises SettingsInvalid when a template is missing, does
        not parse, or uses other variables than its task has."""
        environment = Environment(  # noqa: S701  (plain text for a model, not HTML)
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._templates: dict[tuple[str, Language], Template] = {}
        self.version = version_of(*(f"{key}{text}" for key, text in sorted(sources.items())))
        for task, wanted in TASKS.items():
            for language in LANGUAGES:
                name = f"prompts/{language}/{task}.md"
                source = sources.get((task, language))
                if source is None:
                    raise SettingsInvalid(detail=Phrase("template_missing", name=name))
                try:
                    used = meta.find_undeclared_variables(environment.parse(source))
                    self._templates[task, language] = environment.from_string(source)
                except TemplateSyntaxError as error:
                    raise SettingsInvalid(
                        detail=Phrase(
                            "line_of_file", path=name, line=error.lineno, error=error.message or ""
                        )
                    ) from error
                if used != wanted:
                    odd = Phrase("template_variables", name=name, odd=sorted(used ^ wanted))
                    raise SettingsInvalid(detail=odd)

    def render(self, task: str, language: Language, **variables: str) -> str:
        """The text of a prompt, without white space around it."""
        return self._templates[task, language].render(**variables).strip()

    def refusal(self, language: Language) -> str:
        """The exact sentence that says the documents hold no answer."""
        return self.render("refusal", language)


def load_prompts() -> Prompts:
    """The prompts that ship with groundkb. Raises SettingsInvalid; see Prompts."""
    folder = files("prompts")
    return Prompts(
        {
            (task, language): resource.read_text(encoding="utf-8")
            for task in TASKS
            for language in LANGUAGES
            if (resource := folder / language / f"{task}.md").is_file()
        }
    )
