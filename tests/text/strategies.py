"""Texts that break naive offset arithmetic: CJK, emoji, combining marks, CRLF, full-width."""

from hypothesis import strategies as st

FRAGMENTS = [
    "DeepSeek 采用 MIT 许可证。", "参数量为 3.5B！", "“很好。”他说：", "Dr. Smith came, e.g. today. ", "v1.2.3",
    "https://example.org/a?b=c. ", "e\u0301\u0302", "👩‍👩‍👧‍👦", "🇨🇳🇬🇧", "👍🏽", "\r\n", "\n", "\n\n", "\t", "　", "Ｆｕｌｌ，ｗｉｄｔｈ。",
    "ｶﾞ", "각", "\u200b", "\ufeff", "\u00ad", "infor-\nmation", "| a | b。c |\n", "- item one\n", "1. 第一项\n", "……", "——",
    "﷽", "ﬁ", "½", "!?", "！？", "」", "(a. b)", "\u0301", "\u200d", "\ufe0f", "।", "க்ஷி", "\x0b", "\u2028", "a" * 50, "字" * 40,
]  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8)), max_size=30).map(
    "".join
)
