"""What repeats a better passage stands behind; what differs in a figure does not repeat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.repeats import part_repeats
from app.index.protocol import Hit
from tests.passages import hit, passage

NOTICE = (
    "All staff must complete the annual security training before the end of the quarter, and "
    "managers confirm in writing that everyone in their group has done so."
)
ZH_NOTICE = (
    "本文件仅供内部使用，未经信息安全小组书面同意，任何人不得向公司以外的单位或个人提供、复制或转述其内容；"
    "违反者按照员工手册的相关条款处理，情节严重的将依法追究责任。如有疑问，请联系所在部门的安全联络人。"
)


def hits(*texts: str) -> list[Hit]:
    return [
        hit(passage(text, document_id=f"d{n}"), score=1 - n / 100) for n, text in enumerate(texts)
    ]


def parted(*texts: str) -> list[int]:
    """The places of the texts that count as repeats."""
    given_hits = hits(*texts)
    new, repeats = part_repeats(given_hits)
    assert sorted((*new, *repeats), key=given_hits.index) == given_hits
    assert list(new) == [item for item in given_hits if item in new], "order is kept"
    return [given_hits.index(item) for item in repeats]


@pytest.mark.parametrize(
    "copy",
    [
        NOTICE,
        NOTICE.upper(),
        NOTICE.replace(" ", "\n"),
        NOTICE.replace("security", "ｓｅｃｕｒｉｔｙ"),
        NOTICE.replace("quarter, and", "quarter; and"),
        NOTICE + " Thanks.",
    ],
)
def test_a_copy_repeats(copy: str) -> None:
    assert parted(NOTICE, "Something else stands between them.", copy) == [2]


def test_a_chinese_copy_repeats() -> None:
    copy = ZH_NOTICE.replace("，", ",").replace("联络人。", "联络员。")
    assert parted(ZH_NOTICE, copy) == [1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{NOTICE} Fee: 120 euros.", f"{NOTICE} Fee: 130 euros."),
        (f"{ZH_NOTICE}第2版。", f"{ZH_NOTICE}第3版。"),
        ("DeepSeek uses the MIT licence.", "Qwen uses the MIT licence."),
        ("Yi-34B 的上下文长度为 200K。", "Yi-6B 的上下文长度为 200K。"),
        (NOTICE, NOTICE[: len(NOTICE) // 2]),
        ("Version 1.5 is out.", "Version 15 is out."),
        ("", "x"),
    ],
)
def test_what_differs_in_substance_does_not(one: str, other: str) -> None:
    assert parted(one, other) == []


@given(st.lists(st.sampled_from([NOTICE, ZH_NOTICE, "a", "b", "", "Q4_K_M"]), max_size=12))
def test_one_of_each_is_new(texts: list[str]) -> None:
    new, repeats = part_repeats(hits(*texts))
    assert [item.passage.text for item in new] == list(dict.fromkeys(texts))
    assert len(new) + len(repeats) == len(texts)
