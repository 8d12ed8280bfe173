"""JSON, JSON Lines and YAML: values as written, records that stand alone, paths kept."""

import json
import time
from pathlib import Path

import pytest

from app.errors import DocumentCorrupt
from tests.ingest.parse.helpers import check_blocks, outline, parse_text, section_of


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    source = (
        '{"a": 1.10, "b": "00412", "c": 12345678901234567890123, "d": 1e400, "e": NaN,'
        ' "f": -0.50, "g": null, "h": false, "i": [1.0, 2.50]}'
    )
    assert parse_text(tmp_path, "a.json", source).text.split("\n") == [
        "a: 1.10", "b: 00412", "c: 12345678901234567890123", "d: 1e400", "e: NaN",
        "f: -0.50", "g: null", "h: false", "i: 1.0, 2.50",
    ]  # fmt: skip


def test_a_number_of_five_thousand_digits(tmp_path: Path) -> None:
    digits = "7" * 5_000
    assert digits in parse_text(tmp_path, "a.json", f'{{"n": {digits}}}').text


def test_records_with_nested_values_stand_alone(tmp_path: Path) -> None:
    tools = [
        {"id": "T-1", "name": "Wrench", "spec": {"range": "10-60 Nm"}, "tags": ["hand", "steel"]},
        {"id": "T-2", "name": "Heat gun", "spec": {"range": "80-600 C"}, "parts": [{"no": "P1"}]},
    ]
    parsed = parse_text(tmp_path, "a.json", json.dumps(tools))
    check_blocks(parsed)
    assert outline(parsed) == [
        ("paragraph", "id: T-1\nname: Wrench\nspec.range: 10-60 Nm\ntags: hand, steel"),
        ("paragraph", "id: T-2\nname: Heat gun\nspec.range: 80-600 C\nparts[0].no: P1"),
    ]


def test_long_records_stand_under_their_own_name(tmp_path: Path) -> None:
    long = [
        {"id": f"M-{n}", "steps": [{"do": f"step {i} of {n} is described in some words"} for i in range(60)],
         "site": f"hall {n}"}
        for n in range(3)
    ]  # fmt: skip
    parsed = parse_text(tmp_path, "a.json", json.dumps({"machines": long, "owner": {"x": 1}}))
    check_blocks(parsed)
    for n in range(3):
        assert section_of(parsed, f"step 59 of {n} ") == ("machines", f"M-{n}", "steps")
        assert section_of(parsed, f"site: hall {n}") == ("machines", f"M-{n}")
    assert section_of(parsed, "x: 1") == ("owner",)


def test_what_lies_deep_keeps_its_path(tmp_path: Path) -> None:
    tree: object = {"value": "found", "pad": ["x" * 50, {"y": "z" * 900}]}
    for n in range(12, 0, -1):
        tree = {f"level{n}": tree}
    parsed = parse_text(tmp_path, "a.json", json.dumps(tree))
    line = next(line for line in parsed.text.split("\n") if "found" in line)
    path = (*section_of(parsed, "found"), *line.split(": ")[0].split("."))
    assert path == (*(f"level{n}" for n in range(1, 13)), "value")


def test_a_key_that_comes_twice_is_read_twice(tmp_path: Path) -> None:
    assert parse_text(tmp_path, "a.json", '{"a": 1, "a": 2}').text == "a: 1\na: 2"


def test_json_with_comments(tmp_path: Path) -> None:
    source = """{
      // how many a day
      "limit": 40, // of each kind
      'zip': 01234,  /* old
                        form */
      modes: [no, "a//b",], # end
    }"""
    assert parse_text(tmp_path, "a.json", source).text.split("\n") == [
        "# how many a day", "limit: 40 # of each kind", "zip: 01234 # old form",
        "modes: no, a//b # end",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "line"),
    [('{"a": 1,\n"b" 2}', 2), ('{"a": [1, 2}', 1), ("{}\n}", 2), ('{"a": "x', 1), ("/* x", 1), ("a b", 1),
     ('{"a": 1} tail', 1), ("", 1)],
)  # fmt: skip
def test_what_is_no_json_says_where(tmp_path: Path, source: str, line: int) -> None:
    with pytest.raises(DocumentCorrupt, match=f"json_line: {line}"):
        parse_text(tmp_path, "a.json", source or " ")


def test_several_values_and_lone_ones(tmp_path: Path) -> None:
    assert parse_text(tmp_path, "a.json", '{"a": 1, "b": 2}\n{"a": 3, "b": 4}').text == (
        "| a | b |\n| 1 | 2 |\n| 3 | 4 |"
    )
    assert parse_text(tmp_path, "b.json", '"只有一句话"').text == "只有一句话"
    assert parse_text(tmp_path, "c.json", "1.10").text == "1.10"


def test_a_line_of_jsonl_ends_in_a_newline_only(tmp_path: Path) -> None:
    source = '{"t": "1", "m": "before\u2028after\u0085x\x0c"}\r\n\n{"t": "2", "m": "ok"}\n'
    parsed = parse_text(tmp_path, "a.jsonl", source.replace("\x0c", ""))
    assert outline(parsed)[1:] == [
        ("table_row", "| 1 | before after x |"),
        ("table_row", "| 2 | ok |"),
    ]


def test_broken_lines_of_jsonl_are_kept_and_named_and_the_others_read(tmp_path: Path) -> None:
    lines = ['{"t": "one"}', '{"t": "two", "m": ', "", '{"t": "three"}', "not json", '{"t": "cut off', '{"t": "four"}']  # fmt: skip
    parsed = parse_text(tmp_path, "a.jsonl", "\n".join(lines))
    assert all(word in parsed.text for word in ("one", '"two", "m":', "three", "not json", "cut off", "four"))  # fmt: skip
    assert [(n.kind, n.detail, n.count) for n in parsed.notes] == [("broken_line", "2, 5–6", 3)]
    # One value over many lines is read as what it is.
    assert "b: 2" in parse_text(tmp_path, "b.jsonl", '{\n"a": 1,\n"b": 2\n}').text
    mostly = parse_text(tmp_path, "d.jsonl", '{"a": "good"}\n{"b"\n{"c"')
    assert "good" in mostly.text
    assert mostly.notes[0].detail == "2–3"
    with pytest.raises(DocumentCorrupt):
        parse_text(tmp_path, "c.jsonl", "no\njson\nat all")


def test_text_of_several_lines_keeps_them(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path, "a.json", json.dumps({"id": 1, "body": "第一行\n第二行\n\n第三段"})
    )
    assert outline(parsed) == [
        ("paragraph", "id: 1"),
        ("paragraph", "body: 第一行\n第二行"),
        ("paragraph", "第三段"),
    ]


YAML = """# Boiler of hall 2
defaults: &d
  retries: 3   # per night
  zip: 01234
boiler:
  <<: *d
  retries: 4
  max_temp: 1.10
  # from left to right
  valves:
    - {id: V1, low: 00412, high: 1e400}
    - {id: V2, low: 0x1F, high: ~}
  modes: [no, yes]
"""


def test_yaml_is_read_as_written(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.yaml", YAML)
    check_blocks(parsed)
    assert parsed.media_type == "application/yaml"
    assert outline(parsed) == [
        ("paragraph", "# Boiler of hall 2"),
        ("heading", "defaults"),
        ("paragraph", "retries: 3 # per night\nzip: 01234"),
        ("heading", "boiler"),
        ("paragraph", "retries: 4\nmax_temp: 1.10\n# from left to right\nvalves[0].id: V1\n"
         "valves[0].low: 00412\nvalves[0].high: 1e400\nvalves[1].id: V2\nvalves[1].low: 0x1F\n"
         "valves[1].high: null\nmodes: no, yes\nzip: 01234"),
    ]  # fmt: skip


def test_documents_of_a_yaml_stream(tmp_path: Path) -> None:
    source = "kind: Pump\nname: P1\n---\nkind: Tank\nname: T1\n"
    assert parse_text(tmp_path, "a.yml", source).text == (
        "| kind | name |\n| Pump | P1 |\n| Tank | T1 |"
    )


@pytest.mark.parametrize("source", ["a: {{ .Values.x }}\nb: [1\n", "Only words.\n"])
def test_what_is_no_yaml_is_kept_as_it_is(tmp_path: Path, source: str) -> None:
    assert parse_text(tmp_path, "a.yaml", source).text == source


def bomb(merge: bool) -> str:
    link = "{{<<: [*a{0}, *a{0}]}}" if merge else "[*a{0}, *a{0}, *a{0}]"
    levels = "".join(f"a{n}: &a{n} {link.format(n - 1)}\n" for n in range(1, 60))
    return f"a0: &a0 {{x: 1}}\n{levels}"


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize("frame", ["{}", "---\n{}---\n\nhello\n"])
def test_aliases_do_not_multiply(tmp_path: Path, merge: bool, frame: str) -> None:
    name = "a.md" if frame.startswith("---") else "a.yaml"
    started = time.monotonic()
    parsed = parse_text(tmp_path, name, frame.format(bomb(merge)))
    assert time.monotonic() - started < 5
    assert len(parsed.text) < 1_000_000


def test_an_anchor_that_holds_itself(tmp_path: Path) -> None:
    assert parse_text(tmp_path, "a.yaml", "a: &a [1, *a]\nb: 2\n").text == "a: 1, *a\nb: 2"


def test_a_hundred_thousand_open_brackets(tmp_path: Path) -> None:
    started = time.monotonic()
    parse_text(tmp_path, "a.yaml", "a: " + "[" * 100_000)
    assert time.monotonic() - started < 5


def test_a_file_is_called_what_its_record_says_or_as_the_file(tmp_path: Path) -> None:
    said = parse_text(
        tmp_path, "a.json", '{"name": "泵", "parts": {"seal": 1, "oil": {"grade": 68}}}'
    )
    assert said.title == "泵"
    assert (
        parse_text(tmp_path, "b.json", '{"features": [{"a": {"b": 1}}, {"a": {"b": 2}}]}').title
        == "b"
    )
    assert (
        parse_text(tmp_path, "c.yaml", "parts:\n  - seal: {a: 1}\n  - oil: {a: 2}\n").title == "c"
    )


def test_lines_of_a_value_stay_lines(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path, "a.yaml", "name: pump\n---\ntext: |\n  line a\n  line b\nk: {v: {w: 1}}\n"
    )
    assert "text: line a\nline b\nk.v.w: 1" in parsed.text


def test_a_notebook_is_read_cell_by_cell(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Pump study\n", "\n", "The result is **42** bar."]},
        {
            "cell_type": "code",
            "source": "run(6 * 7)",
            "outputs": [
                {"output_type": "stream", "text": ["\x1b[32mdone\x1b[0m in 7 s\n"]},
                {
                    "output_type": "execute_result",
                    "data": {
                        "text/html": "<table><tr><th>Pump<th>bar<tr><td>P-7<td>42</table>",
                        "text/plain": "  Pump bar\n0 P-7 42",
                    },
                },
                {"output_type": "display_data", "data": {"image/png": "x", "text/plain": "<F>"}},
                {"output_type": "error", "ename": "ValueError", "evalue": "too hot"},
                {"output_type": "stream", "text": "x" * 30_000},
            ],
        },
    ]
    parsed = parse_text(tmp_path, "a.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    check_blocks(parsed)
    assert (parsed.title, parsed.media_type) == ("Pump study", "application/x-ipynb+json")
    assert outline(parsed) == [
        ("heading", "Pump study"),
        ("paragraph", "The result is 42 bar."),
        ("code", "run(6 * 7)"),
        ("code", "done in 7 s"),
        ("table_row", "| Pump | bar |"),
        ("table_row", "| P-7 | 42 |"),
        ("code", "ValueError: too hot"),
    ]
    assert [note.kind for note in parsed.notes] == ["picture", "cut"]


def test_a_notebook_of_version_3_and_a_broken_one(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {
            "cell_type": "code",
            "input": ["y = 1"],
            "outputs": [{"output_type": "pyout", "text": "1"}],
        },
    ]
    parsed = parse_text(tmp_path, "a.ipynb", json.dumps({"worksheets": [{"cells": cells}]}))
    assert [text for _, text in outline(parsed)] == ["Old", "y = 1", "1"]
    with pytest.raises(DocumentCorrupt):
        parse_text(tmp_path, "b.ipynb", '{"cells": [')
