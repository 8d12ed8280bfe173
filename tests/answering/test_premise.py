"""A question for the reasons of what the documents deny is not answered with the denial."""

import pytest

from app.answering.evidence.context import prepare
from app.answering.narrow import narrowed
from app.answering.premise import denies_premise, states_premise
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.index.protocol import Passage
from tests.passages import hit, passage


@pytest.mark.parametrize(
    ("question", "sentence", "denied"),
    [
        ("为什么钥匙可以带出车间？", "钥匙挂在门边，不带出车间。", True),
        ("为什么这份许可证禁止转售？", "这份许可证最宽松：可以使用、修改和转售。", True),
        ("钥匙为什么不带出车间？", "钥匙挂在门边，不带出车间，因为夜班要用。", False),
        ("为什么不留空行？", "我们试过每段留空行，读起来没有变化，所以现在不留。", False),
        ("恒达为什么被暂停供货？", "恒达因三批来料不合格被暂停供货。", False),
        ("恒达为什么被暂停供货？", "恒达没有被暂停供货。", True),
        ("Why is the ward closed?", "The ward is closed because no nurse is there.", False),
        ("Why may keys be taken home?", "Keys may not be taken home.", True),
        (
            "Why are keys not taken home?",
            "Keys are not taken home: the night shift needs them.",
            False,
        ),
        ("Why does the jury prefer short songs?", "The jury preferred long songs.", True),
        ("Why are logs kept for 90 days?", "Logs are kept for 30 days.", True),
        ("Why are logs kept for 30 days?", "Logs are kept for 30 days, as the law says.", False),
        ("Why are walnut trees recommended?", "Walnut trees are forbidden.", True),
        ("Why is the pool closed on Monday?", "On Mondays the water is changed.", False),
    ],
)
def test_the_opposite_of_what_is_taken_for_granted(
    question: str, sentence: str, *, denied: bool
) -> None:
    (cut,) = prepare([passage(sentence)]).sentences[0]
    assert denies_premise(question, cut) is denied


def test_what_was_before_denies_nothing_of_what_is_now() -> None:
    question = "为什么巡检放在三天内？"
    text = "早期巡检安排在第七天，记录大多不全；改为三天后，记录齐全。因此巡检一律在三天内完成。"
    now = passage(f"为什么巡检安排在三天内\n\n{text}", language="zh")
    before = passage("早期巡检安排在第七天，记录大多不全。", language="zh")

    def kept(of: Passage) -> int:
        sentences = tuple(s for s in prepare([of]).sentences[0] if s.quotable)
        return len(narrowed([Found(ReadHit(hit(of), 1.0, ()), sentences)], question))

    assert kept(now) == 1
    assert states_premise(question, prepare([now]).sentences[0][1])
    assert not states_premise(question, prepare([before]).sentences[0][0])


TABLE = passage(
    "| Machine | Room | Power |\n| --- | --- | --- |\n| Petrel | 12 | 9 W |\n| Puffin | 14 | 65 W |"
)


def found(row: str) -> tuple[Found, ...]:
    sentences = tuple(s for s in prepare([TABLE]).sentences[0] if s.text.startswith(row))
    return (Found(ReadHit(hit(TABLE), 1.0, ()), sentences),)


def test_a_row_gives_no_reason() -> None:
    assert narrowed(found("| Petrel"), "Why is the Petrel kept in room 12?") == ()
    assert narrowed(found("| Petrel"), "In which room is the Petrel kept?")


def test_a_row_is_of_the_thing_that_is_named() -> None:
    # No row is of the Plover, though the column is asked about.
    assert narrowed(found("| Petrel"), "What is the power of the Plover?") == ()
    assert narrowed(found("| Petrel"), "What is the power of the Petrel?")
    assert narrowed(found("| Petrel"), "Which machine has a power of 9 W?")
