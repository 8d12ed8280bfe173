"""Which terms a text gives, and that names are found whole and by their parts."""

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.index.sparse import SparseEncoder
from app.index.words import WordCutter

REPOSITORY = Path(__file__).parents[2]
CUTTER = WordCutter()


def terms(text: str) -> list[str]:
    return list(CUTTER.terms(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Yi-34B", ["yi-34b", "yi34b", "yi", "34b"]),
        ("Qwen2.5", ["qwen2.5", "qwen", "2.5"]),
        ("Q4_K_M", ["q4_k_m", "q4km", "q4", "k", "m"]),
        (
            "Qwen2.5-Coder-1.5B",
            ["qwen2.5-coder-1.5b", "qwen2.5coder1.5b", "qwen2.5", "qwen", "2.5", "coder", "1.5b"],
        ),
        ("llama.cpp", ["llama.cpp", "llama", "cpp"]),
        ("C++ and C#", ["c++", "c", "and", "c#", "c"]),
        ("v3.1.2.", ["v3.1.2", "3.1.2"]),
        ("readMeterValue", ["readmetervalu", "read", "meter", "valu"]),
        ("1,000,000 / 4,096", ["1000000", "4096"]),
        ("3,14", ["3", "14"]),
        ("Licenses licensing licensed", ["licens", "licens", "licens"]),
        ("Apache's Apache’s", ["apach", "apach"]),
        ("使用MIT许可证", ["使用", "mit", "许可", "许可证"]),
        ("Ｑｗｅｎ３", ["qwen3", "qwen", "3"]),
        ("！？ — … ()", []),
        ("", []),
    ],
)
def test_terms(text: str, wanted: list[str]) -> None:
    assert terms(text) == wanted


@pytest.mark.parametrize(
    ("written", "asked", "shared"),
    [
        ("第三十七条 请假", "第37条", "第37条"),
        ("第三十七条 请假", "第３７条规定了什么", "第37条"),
        ("室温保持在二十六度", "26度", "26"),
        ("费率为百分之十五", "15%", "15"),
        ("會議室的網路", "会议室的网络", "网络"),
        ("請把印表機的資料夾打開", "打印机", "打印机"),
        ("Torque: 120 Nm", "120Nm", "120nm"),
        ("a load of 40kg", "40 kg", "40kg"),
        ("code F702", "f-702", "f702"),
        ("code F702", "F 702", "f702"),
        ("code F702", "fault 702", "702"),
        ("part RX-2210-C", "rx2210c", "rx2210c"),
        ("part RX-2210-C", "rx 2210 c", "rx2210c"),
        ("part RX-2210-C", "ＲＸ－２２１０－Ｃ", "rx-2210-c"),
        ("release v4.11", "4.11", "4.11"),
        ("release 4.11", "v4.11", "4.11"),
        ("e-mail", "email", "email"),
        ("call openValveNow", "open valve now", "valv"),
    ],
)
def test_what_people_type_meets_what_is_written(written: str, asked: str, shared: str) -> None:
    assert shared in set(terms(written)) & set(CUTTER.terms(asked, question=True))


@pytest.mark.parametrize(
    "written",
    [
        "4 July 2027",
        "July 4th, 2027",
        "2027-07-04",
        "04.07.2027",
        "2027年7月4日",
        "二〇二七年七月四日",
    ],
)
@pytest.mark.parametrize("asked", ["2027/7/4", "4.7.2027", "on 4 July", "7月4日"])
def test_a_date_is_found_however_it_is_written(written: str, asked: str) -> None:
    shared = set(terms(written)) & set(CUTTER.terms(asked, question=True))
    assert [term for term in shared if term.startswith("\0")]


def test_another_date_shares_no_date() -> None:
    shared = set(terms("4 July 2027")) & set(terms("2027-07-14"))
    assert not [term for term in shared if term.startswith("\0") and term.endswith("-4")]


def test_a_long_chinese_word_gives_its_shorter_words_too() -> None:
    assert {"上下", "上下文", "长度"} <= set(terms("模型的上下文长度"))


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Yi-34B 的上下文长度", "yi 34b"),
        ("Qwen 2.5 was released", "QWEN2.5"),
        ("the Q4_K_M quantisation", "q4 k m"),
        ("DeepSeek-V3", "deepseek v3"),
        ("容量为 1,000 条", "1000条"),
        ("state-of-the-art", "state of the art"),
        ("许可证", "许可"),
        ("e\u0301clair", "éclair"),
    ],
)
def test_another_way_of_writing_shares_terms(written: str, asked: str) -> None:
    assert set(terms(written)) & set(terms(asked))


@settings(deadline=None)  # The first text waits for the dictionary.
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_cut_and_width_does_not_matter(text: str) -> None:
    found = terms(text)
    assert all(found)
    assert found == terms(text)
    if text.isascii():
        wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        assert terms(wide) == found
        # Case only adds: the words within a name, a code written apart.
        assert set(terms(text.lower())) <= set(found)


def test_threads_agree() -> None:
    texts = [f"上下文长度 {n} tokens, Qwen{n}.5-Coder licensing" for n in range(200)]
    alone = [terms(text) for text in texts]
    shared = WordCutter()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: list(shared.terms(text)), texts)) == alone


def test_the_dictionary_is_cached_where_it_is_told_only(tmp_path: Path) -> None:
    """jieba by itself writes to the folder for temporary files and speaks on stderr."""
    for name in ("temporary", "home"):
        (tmp_path / name).mkdir()
    environment = os.environ | {
        "TMPDIR": str(tmp_path / "temporary"),
        "HOME": str(tmp_path / "home"),
    }

    def cut(argument: str) -> str:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from pathlib import Path; from app.index.words import WordCutter; "
                f"print(*WordCutter({argument}).terms('上下文长度'))",
            ],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout

    def files() -> list[str]:
        return sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())

    first = cut("")
    assert files() == []
    folder = repr(str(tmp_path / "cache"))
    assert cut(f"Path({folder})") == first
    assert files() == ["cache/jieba.cache"]
    assert cut(f"Path({folder})") == first
    (tmp_path / "a file").touch()
    assert cut(f"Path({str(tmp_path / 'a file' / 'cache')!r})") == first
    assert files() == ["a file", "cache/jieba.cache"]


def test_jieba_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        list(WordCutter().terms("上下文长度"))
    assert caplog.records == []


def test_a_passage_keeps_its_vector_whatever_else_was_encoded() -> None:
    fresh, used = SparseEncoder(), SparseEncoder()
    for n in range(50):
        used.encode_passage(f"Other text {n} 其他文字 " * (n + 1))
    text = "Yi-34B 的上下文长度是 4096 个词元。"
    assert used.encode_passage(text) == fresh.encode_passage(text)


@pytest.mark.parametrize(
    "run",
    [
        "九" * 5_000,
        "九亿" + "亿" * 5_000,
        "第" + "9" * 5_000 + "条",
        "v" + "9" * 5_000,
        "第" + "九" * 5_000 + "章",
    ],
)
def test_digits_that_are_no_number_are_no_harm(run: str) -> None:
    assert "pump" in terms(f"pump {run} valve")
