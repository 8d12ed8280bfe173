"""The prompt files: complete, checked at start, and sharing their beginning."""

from typing import get_args

import pytest

from app.answering.context import is_small, messages_for
from app.answering.prompts import FORMS, LANGUAGES, TASKS, Prompts, load_prompts
from app.answering.question import Kind
from app.errors import Language, SettingsInvalid
from tests.passages import passage

GOOD = {
    (task, language): " ".join(f"{{{{ {name} }}}}" for name in sorted(variables)) or "text"
    for task, variables in TASKS.items()
    for language in LANGUAGES
}


def test_the_refusal_sentences_are_the_promised_ones() -> None:
    prompts = load_prompts()
    assert prompts.refusal("zh") == "上下文未包含对此问题的答案"
    assert prompts.refusal("en") == "The context does not contain an answer to this question."


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_is_told_the_rules_and_the_exact_refusal(language: Language) -> None:
    prompts = load_prompts()
    system, user = messages_for(prompts, "answer", language, [passage("C0")], "Q0?")
    assert prompts.refusal(language) in system.content
    assert user.content.index("C0") < user.content.index("Q0?")


@pytest.mark.parametrize(
    ("task", "text", "complaint"),
    [
        ("answer", "{{ query }}", "context"),
        ("system", "No variable.", "refusal"),
        ("answer", "{{ context }} {{ query }} {{ extra }}", "extra"),
        ("rewrite", "{{ history }} {{ query ", r"line_of_file: prompts/zh/rewrite\.md; 1; "),
    ],
)
def test_a_broken_template_fails_at_start(task: str, text: str, complaint: str) -> None:
    with pytest.raises(SettingsInvalid, match=complaint):
        Prompts({**GOOD, (task, "zh"): text})


def test_a_missing_template_fails_at_start() -> None:
    sources = {key: text for key, text in GOOD.items() if key != ("answer", "en")}
    with pytest.raises(SettingsInvalid, match=r"prompts/en/answer\.md"):
        Prompts(sources)


def test_passages_are_numbered_from_one_and_headed_by_title_and_section() -> None:
    prompts = load_prompts()
    shown = [passage("alpha", title="Guide", section=("Guide", "Memory")), passage("beta")]
    content = messages_for(prompts, "answer", "en", shown, "q")[1].content
    assert "[1] Guide › Memory\nalpha" in content
    assert "\n\n[2] Title\nbeta" in content


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_question_asks_for_its_form(language: Language) -> None:
    prompts = load_prompts()
    forms = set()
    for kind in get_args(Kind):
        for task in ("answer", "answer-small"):
            user = messages_for(prompts, task, language, [passage("C0")], "Q0?", kind)[1].content
            assert "[1]" in user
            forms.add(user)
    assert len(forms) == 2 * len(FORMS)


@pytest.mark.parametrize(
    ("model", "small"),
    [
        ("qwen2.5-coder-1.5b-instruct-q4_k_m", True),
        ("llama3.2:1b", True),
        ("qwen3:4b", False),
        ("Qwen3-30B-A3B", False),
        ("gpt-4o", False),
    ],
)
def test_a_small_model_gets_the_simple_prompts(model: str, small: bool) -> None:
    assert is_small(model) == small
    assert is_small(model, "simple")
    assert not is_small(model, "full")
