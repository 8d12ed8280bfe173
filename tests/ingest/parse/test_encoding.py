"""Encodings of text files."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parse.encoding import decode

SIMPLIFIED = [
    "开源大模型的许可证各不相同，选型时要看清楚。DeepSeek 采用 MIT 许可证。",
    "第一章 总则\r\n\r\n本规定适用于全体员工。",
    "你好，世界",
    "Qwen 2.5 模型",
    "中文",
]
TRADITIONAL = [
    "開源大模型的授權條款各不相同，選型時要看清楚。",
    "你好，世界",
    "臺灣的圖書館有許多資料。",
]


# Ordinary prose of many kinds: each test takes stretches of it from anywhere.
PROSE_SIMPLIFIED = """
图书馆每天上午九点开放，下午六点关门，星期一休馆整理书库。借书证遗失时，请携带身份证到服务台补办，工本费五十元。
所有员工每年享有十四天的带薪休假，未休完的假期可以顺延到次年三月底以前。Qwen2.5 的权重约 15.2 GB，可以商用。
本系统每晚十一点自动备份数据，备份文件保留三十天后删除。这项产品的保修期为两年，人为损坏不在保修范围之内。
台风警报发布后，学校应按照政府公告决定是否停课，并通知家长。电动车的电池应存放于阴凉干燥处，避免阳光直射。
病人出院后须按时服药，若有发烧、呕吐等症状请立即回诊。会议纪要应在三个工作日内送交主管签字，并上传到内部网站。
""".strip()
PROSE_TRADITIONAL = """
圖書館每天上午九點開放，下午六點關門，星期一休館整理書庫。借書證遺失時，請攜帶身分證明文件到服務櫃檯申請補發。
所有員工每年享有十四天的特別休假，未休完的假期可以遞延到次年三月底以前。Qwen2.5 的權重約 15.2 GB，可以商用。
本系統每晚十一點自動備份資料，備份檔案保留三十天後刪除。這項產品的保固期為兩年，若因人為損壞則不在保固範圍之內。
颱風警報發布後，學校應依照縣市政府的公告決定是否停課，並通知家長。電動機車的電池應存放於陰涼乾燥處，避免陽光直射。
病患出院後須按時服藥，若有發燒、嘔吐等症狀請立即回診。會議紀錄應於三個工作天內送交主管簽核，並上傳至內部網站。
""".strip()


def stretches(prose: str, shortest: int) -> st.SearchStrategy[str]:
    """Stretches of `prose`, repeated for long ones, with at least so many Han characters."""

    def cut(place: tuple[int, int]) -> str:
        start, length = place
        return (prose[start:] + prose * (length // len(prose) + 1))[:length]

    places = st.tuples(st.integers(0, len(prose) - 1), st.integers(shortest, 3_000))
    return places.map(cut).filter(lambda text: sum("一" <= c <= "鿿" for c in text) >= shortest)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
@given(stretches(PROSE_SIMPLIFIED, 1) | stretches(PROSE_TRADITIONAL, 1))
def test_with_a_mark_or_in_utf8_every_text_is_itself(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@given(st.sampled_from(["le", "be"]), stretches(PROSE_SIMPLIFIED + PROSE_TRADITIONAL, 1))
def test_both_orders_of_utf16_with_a_mark(order: str, text: str) -> None:
    assert decode(f"\ufeff{text}".encode(f"utf-16-{order}")) == text


# Below these lengths the bytes are as good a text in another encoding.
@given(st.sampled_from(["gb18030", "gbk"]), stretches(PROSE_SIMPLIFIED, 6))
def test_simplified_prose(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@given(st.sampled_from(["big5", "big5hkscs", "gb18030"]), stretches(PROSE_TRADITIONAL, 6))
def test_traditional_prose(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@given(
    st.sampled_from(["utf-16-le", "utf-16-be"]),
    stretches(PROSE_SIMPLIFIED, 16) | stretches(PROSE_TRADITIONAL, 16),
)
def test_prose_in_utf16_without_a_mark(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", SIMPLIFIED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-32"])
def test_simplified(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", TRADITIONAL)
@pytest.mark.parametrize("encoding", ["utf-8", "big5", "gb18030", "utf-16"])
def test_traditional(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding: str) -> None:
    for text in [*SIMPLIFIED[:2], "Plain English text in two bytes a letter.\n"]:
        assert decode(text.encode(encoding)) == text


def test_western_text() -> None:
    text = "Déjà vu: naïve café, “quoted” – 5 €"
    assert decode(text.encode("cp1252")) == text


def test_japanese_text() -> None:
    text = "これは日本語の文章です。カタカナもあります。"
    assert decode(text.encode("shift_jis")) == text


def test_a_few_broken_bytes_in_a_long_file_are_replaced() -> None:
    data = ("这是一段很长的文字。" * 50).encode() + b"\xe4\xb8"
    text = decode(data)
    assert text is not None
    assert text.rstrip("\ufffd") == "这是一段很长的文字。" * 50


def test_a_large_file_is_judged_by_its_beginning_and_read_to_its_end() -> None:
    text = "许可证的说明。" * 20_000 + "结束"
    assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
        b"\x7fELF\x02\x01\x01\0\0\0\0\0" * 20,
        bytes(range(256)),
    ],
)
def test_binary_is_no_text(data: bytes) -> None:
    assert decode(data) is None


def test_random_bytes_are_no_text() -> None:
    assert all(decode(os.urandom(4000)) is None for _ in range(20))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
def test_utf8_is_always_read_as_utf8(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        # Lists of names hold few of the commonest characters, and no stops.
        ("零件编号,名称,库存\n00412,垫圈,1.50\n00077,螺栓,2.00\n", ("gb18030",)),
        ("钢板,铝板,铜管,橡胶垫", ("gb18030",)),
        ("阀门 介质 压力\n氮气 盐水 蒸汽 乙二醇", ("gb18030",)),
        ("零件編號,名稱,庫存\n00412,墊圈,1.50\n", ("big5", "gb18030")),
        ("회의실 열쇠는 총무부에 있습니다.", ("euc_kr",)),
        ("부품번호,이름,재고\n00412,와셔,1.50\n", ("cp949",)),
        ("会議室の鍵は総務部にあります。", ("shift_jis", "euc_jp")),
        ("Приказ о выдаче пропусков: цена 500 рублей за каждый месяц.", ("cp1251", "koi8_r")),
    ],
)
def test_lists_and_the_writing_of_neighbours(text: str, encodings: tuple[str, ...]) -> None:
    for encoding in encodings:
        assert decode(text.encode(encoding)) == text


def test_two_accented_letters_in_a_word_are_western() -> None:
    text = "Größe: 5 m². Prix: 12 € – déjà vu."
    assert decode(text.encode("cp1252")) == text
