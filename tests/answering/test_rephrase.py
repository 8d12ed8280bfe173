"""Where nothing answers, a capable model words the question anew: within the time, and keeping what it asks."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from app.answering.prompts import load_prompts
from app.answering.rephrase import keeps_keys, rephrase
from app.errors import ChatServerDown
from app.models.chat import ChatRequest, Finish, Thought, Token
from tests.fakes import ScriptedChat

QUESTION = "What is the fee of berth B7 for 14 days?"
WRITTEN = '1. "What does berth B7 cost for 14 days?"\n2. 泊位 B7 停 14 天的费用是多少？\nI hope this helps.\n'


class SlowChat(ScriptedChat):
    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        await asyncio.sleep(30)
        async for item in super().stream(request):
            yield item


async def said(chat: ScriptedChat, seconds: float = 5.0) -> tuple[str, ...]:
    return await rephrase(chat, load_prompts(), QUESTION, seconds)


async def test_two_wordings_without_what_stands_around_them() -> None:
    assert await said(ScriptedChat(answer=WRITTEN)) == (
        "What does berth B7 cost for 14 days?",
        "泊位 B7 停 14 天的费用是多少？",
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("What does berth B7 cost for 14 days?", True),
        ("泊位 B7 停 14 天的费用是多少？", True),
        ("What does berth B8 cost for 14 days?", False),
        ("What does berth B7 cost for 40 days?", False),
        ("What does a berth cost?", False),
    ],
)
def test_numbers_and_codes_stay(written: str, kept: bool) -> None:
    assert keeps_keys(QUESTION, written) is kept


async def test_a_model_that_is_slow_or_down_costs_nothing_but_the_time() -> None:
    assert await said(SlowChat(answer=WRITTEN), 0.05) == ()
    assert (
        await said(
            ScriptedChat(error=ChatServerDown(url="x", detail="y"), error_after=0, answer="a")
        )
        == ()
    )
    unasked = ScriptedChat(answer=WRITTEN)
    assert await said(unasked, 0.0) == ()
    assert unasked.requests == []
