"""The prompt fits by count, whole passages are left out, and a cut prompt is an error."""

from collections.abc import Sequence

import pytest

from app.answering.budget import check_count, fit
from app.answering.context import messages_for
from app.answering.prompts import load_prompts
from app.answering.tokens import LearntRates, estimate_above, estimate_below
from app.errors import ContextTruncated
from app.index.protocol import Passage
from app.models.chat import Finish, Message
from tests.fakes import ScriptedChat
from tests.passages import passage

PROMPTS = load_prompts()


def build(shown: Sequence[Passage]) -> tuple[Message, ...]:
    return messages_for(PROMPTS, "answer", "en", shown, "What?")


def passages(count: int, words: int) -> list[Passage]:
    return [passage("word " * words, ordinal=number) for number in range(count)]


async def test_everything_is_shown_when_it_fits() -> None:
    prompt = await fit(ScriptedChat(num_ctx=4096), passages(4, 100), 256, build)
    assert (len(prompt.shown), prompt.dropped, prompt.exact) == (4, 0, True)


async def test_whole_passages_are_dropped_from_the_tail() -> None:
    chat = ScriptedChat(num_ctx=1400)
    found = passages(4, 300)
    prompt = await fit(chat, found, 256, build)
    assert prompt.shown == tuple(found[:3]) or prompt.shown == tuple(found[:2])
    assert prompt.dropped == 4 - len(prompt.shown)
    assert prompt.tokens + 256 <= chat.num_ctx
    one_more = await chat.count_tokens(build(found[: len(prompt.shown) + 1]))
    assert one_more is not None
    assert one_more + 256 + 32 > chat.num_ctx


async def test_a_passage_that_can_never_fit_is_an_error_not_a_cut() -> None:
    with pytest.raises(ContextTruncated):
        await fit(ScriptedChat(num_ctx=1024), passages(1, 3000), 256, build)


class Uncounted(ScriptedChat):
    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        return None


async def test_without_a_tokenizer_the_estimate_is_from_above() -> None:
    prompt = await fit(Uncounted(num_ctx=2048), passages(4, 400), 256, build)
    assert not prompt.exact
    assert len(prompt.shown) < 4
    text = prompt.messages[1].content
    assert estimate_below(prompt.messages) < len(text.split()) < estimate_above(prompt.messages)


async def test_a_server_that_counted_less_cut_the_prompt() -> None:
    prompt = await fit(ScriptedChat(), passages(2, 300), 256, build)
    check_count(prompt, Finish("stop", prompt.tokens - 5, 1))
    check_count(prompt, Finish("stop", None, 1))
    with pytest.raises(ContextTruncated):
        check_count(prompt, Finish("stop", prompt.tokens - 200, 1))


async def test_an_estimate_is_checked_against_the_least_it_could_be() -> None:
    prompt = await fit(Uncounted(num_ctx=8192), passages(2, 600), 256, build)
    check_count(prompt, Finish("stop", 1300, 1))
    with pytest.raises(ContextTruncated):
        check_count(prompt, Finish("stop", 300, 1))


async def test_a_passage_larger_than_the_window_is_cut_behind_a_sentence() -> None:
    text = "The pump is checked by two people. " * 600
    prompt = await fit(ScriptedChat(num_ctx=1024), [passage(text)], 256, build)
    (shown,) = prompt.shown
    assert text.startswith(shown.text)
    assert shown.text.endswith("people.")
    assert shown.end - shown.start == len(shown.text)
    assert prompt.tokens + 256 <= 1024
    assert prompt.dropped == 1


async def test_what_a_server_counts_is_learnt_by_model_and_script() -> None:
    learnt = LearntRates()
    chinese = (Message("user", "泵每天由两人检查一次并记录在表格里" * 40),)
    before = estimate_above(chinese, learnt.rates("qwen"))
    learnt.learn("qwen", chinese, 442)
    after = estimate_above(chinese, learnt.rates("qwen"))
    assert 442 <= after < before / 1.5
    assert learnt.rates("qwen").other == learnt.rates("other").other
    assert estimate_above(chinese, learnt.rates("other")) == before
    passages_ = [passage("泵每天由两人检查一次并记录在表格里。" * 20, ordinal=n) for n in range(4)]
    shown = [
        len((await fit(Uncounted(num_ctx=1600), passages_, 256, build, rates)).shown)
        for rates in (None, learnt.rates("qwen"))
    ]
    assert shown[0] < shown[1]
