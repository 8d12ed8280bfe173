"""HTML: the main part as its reader sees it."""

import quopri
import time
from pathlib import Path

import pytest

from ingest.parse import parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline, parse_text, section_of

ARTICLE = "<p>" + "开源模型的许可证各不相同，选型时要看清楚每一条限制。" * 8 + "</p>"


def test_structure(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.html",
        f"""<html><head><title>许可证 &amp; 选型</title></head><body><main>
        <h1>模型</h1>{ARTICLE}<h2>硬件<a class="headerlink" href="#x">¶</a></h2>
        <ul><li>显存：24GB<ol start="3"><li>量化后</ol><li>内存</ul>
        <table><caption>表一</caption><tr><th>模型<th>许可证<tr><td rowspan=2>Qwen<td>Apache<tr><td>研究</table>
        <pre>pip install x\n  y</pre><p>第一行<br>第二行，由源码
        换行。</p></main></body></html>""",
    )
    check_blocks(parsed)
    assert parsed.title == "许可证 & 选型"
    assert outline(parsed)[2:] == [
        ("heading", "硬件"),
        ("list_item", "- 显存：24GB"),
        ("list_item", "3. 量化后"),
        ("list_item", "- 内存"),
        ("paragraph", "表一"),
        ("table_row", "| 模型 | 许可证 |"),
        ("table_row", "| Qwen | Apache |"),
        ("table_row", "| Qwen | 研究 |"),
        ("code", "pip install x\n  y"),
        ("paragraph", "第一行\n第二行，由源码换行。"),
    ]
    assert section_of(parsed, "内存") == ("模型", "硬件")


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">SECRET</p>',
        '<p style="visibility: hidden">SECRET</p>',
        '<p style="font-size:0px">SECRET</p>',
        '<p style="opacity:0">SECRET</p>',
        '<div style="position:absolute;left:-9999px">SECRET</div>',
        '<div style="width:0;height:0;overflow:hidden">SECRET</div>',
        '<span style="color:#fff;background-color:#fff">SECRET</span>',
        '<p style="color:#fff">SECRET</p>',
        '<p style="font-size:9pt; color: White !important">SECRET</p>',
        '<p style="color: rgb(255, 254, 255)">SECRET</p>',
        '<p style="color: #FEFEFE">SECRET</p>',
        '<font color="#ffffff">SECRET</font>',
        "<p hidden>SECRET</p>",
        '<p aria-hidden="true">SECRET</p>',
        '<p class="x sr-only">SECRET</p>',
        '<p class="trap">SECRET</p>',
        '<p id="trap2">SECRET</p>',
        "<!-- SECRET -->",
        "<script>SECRET</script><style>.SECRET{}</style><template>SECRET</template>",
        "<noscript>SECRET</noscript><textarea>SECRET</textarea>",
    ],
)
def test_what_is_hidden_is_dropped(tmp_path: Path, hidden: str) -> None:
    style = "<style>.trap, #trap2 {display:none} @media print {p {display:none}}</style>"
    parsed = parse_text(
        tmp_path,
        "a.html",
        f"<html><head>{style}</head><body><main>{ARTICLE}{hidden}</main></body></html>",
    )
    assert "SECRET" not in parsed.text
    assert "许可证" in parsed.text


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        ("", '<p style="color:#fff;background:#003366">SHOWN</p>'),
        ("", '<table bgcolor="navy"><tr><td style="color:white">SHOWN</td></tr></table>'),
        ("", '<div style="background-image:url(x.png)"><p style="color:#fff">SHOWN</p></div>'),
        ("", '<p style="color:#c00">SHOWN</p>'),
        ("", '<p style="background-color:#fff;color:#222">SHOWN</p>'),
        ("<style>body {background: #111}</style>", '<p style="color:#fff">SHOWN</p>'),
        ('<link rel="StyleSheet" href="dark.css">', '<p style="color:#fff">SHOWN</p>'),
    ],
)
def test_light_text_is_kept_where_it_may_be_read(tmp_path: Path, head: str, kept: str) -> None:
    page = f"<html><head>{head}</head><body><main>{ARTICLE}{kept}</main></body></html>"
    assert "SHOWN" in parse_text(tmp_path, "a.html", page).text


def test_boilerplate_around_an_unmarked_article_is_dropped(tmp_path: Path) -> None:
    links = "".join(f'<li><a href="/{i}">栏目{i}</a></li>' for i in range(30))
    parsed = parse_text(
        tmp_path,
        "a.html",
        f"""<html><body><div class="topbar"><ul>{links}</ul></div>
        <div class="cookie-banner">我们使用 Cookie 改善体验。<button>接受</button></div>
        <h1>模型选型</h1><div id="post"><h2>许可证</h2>{ARTICLE}{ARTICLE.replace("开源", "闭源")}</div>
        <div class="related"><ul>{links}</ul></div><footer>版权所有</footer></body></html>""",
    )
    for word in ("栏目", "Cookie", "接受", "版权"):
        assert word not in parsed.text
    assert section_of(parsed, "闭源模型") == ("模型选型", "许可证")


def test_a_page_of_few_words_is_kept_whole(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.html", "<h1>通知</h1><p>明天放假。</p>")
    assert parsed.text == "通知\n\n明天放假。"


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "gb18030"])
def test_declared_charsets(tmp_path: Path, declared: str) -> None:
    path = tmp_path / "a.html"
    page = (
        f'<html><head><meta charset="{declared}"></head><body><main>{ARTICLE}</main></body></html>'
    )
    path.write_bytes(page.encode("gb18030"))
    assert "开源模型的许可证" in parse(path, limits=LIMITS).text


def test_a_wrong_declaration_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(f'<meta charset="utf-8"><main>{ARTICLE}</main>'.encode("gb18030"))
    assert "开源模型的许可证" in parse(path, limits=LIMITS).text


def test_three_hundred_levels(tmp_path: Path) -> None:
    deep = "<div>" * 300 + "<p>深处的文字。</p>" + "</div>" * 300
    assert parse_text(tmp_path, "a.html", f"<body>{deep}</body>").text == "深处的文字。"


def test_what_is_hidden_is_noted(tmp_path: Path) -> None:
    page = (
        f"<main>{ARTICLE}<div class=tab>面板一</div><div class=tab hidden>面板二</div>"
        "<div style='display:none'>面板三<b hidden>内</b></div><i hidden></i></main>"
    )
    parsed = parse_text(tmp_path, "a.html", page)
    assert "面板一" in parsed.text
    assert "面板二" not in parsed.text
    assert [(n.kind, n.count) for n in parsed.notes] == [("hidden", 3)]


def test_definitions_details_and_pictures(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.html",
        "<main><dl><dt>Lockout<dd>It lasts 55 seconds.<dd>Again.<dt>Purge</dt><dt>Flush</dt><dd>Both clean.</dl>"
        "<details><summary>More</summary>Closed, but there for who opens it.</details>"
        "<p>See <img src=a.png alt='Plan of hall 2' width=600> here."
        "<img src=t.gif alt='tracker' width=1></p>"
        "<img src=b.png></main>",
    )
    check_blocks(parsed)
    assert outline(parsed) == [
        ("paragraph", "Lockout: It lasts 55 seconds."),
        ("paragraph", "Lockout: Again."),
        ("paragraph", "Purge; Flush: Both clean."),
        ("paragraph", "More"),
        ("paragraph", "Closed, but there for who opens it."),
        ("paragraph", "See [Picture: Plan of hall 2] here."),
    ]
    assert [(n.kind, n.detail) for n in parsed.notes] == [
        ("picture", "Plan of hall 2"),
        ("picture", ""),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<style>" + "a" * 300_000 + "</style><p>Text.</p>",
        "<style>" + "@a" * 150_000 + "</style><p>Text.</p>",
        "<style>" + "/*" * 150_000 + "</style><p>Text.</p>",
        "<style>" + "{" * 300_000 + "</style><p>Text.</p>",
        f"<p style='{'color:' * 50_000}'>Text.</p>",
        "<p>Text.</p><table>" + "<tr>" + "<td colspan=100 rowspan=100>x" * 5_000 + "</table>",
        "<p>Text.</p><table>" + "<tr><td rowspan=100 colspan=100>x<td>y" * 1_500 + "</table>",
        "<p>Text.</p>" + "<a>" * 20_000,
        "<p>Text.</p>" + "<b hidden>x</b>y" * 20_000,
    ],
)
def test_styles_and_spans_take_linear_time(tmp_path: Path, page: str) -> None:
    started = time.process_time()
    assert "Text." in parse_text(tmp_path, "a.html", page).text
    assert time.process_time() - started < 10


def test_headers_of_two_rows_and_tables_within_cells(tmp_path: Path) -> None:
    source = """<table><thead><tr><th rowspan=2>Part</th><th colspan=2>2026</th></tr>
    <tr><th>Plan</th><th>Ist</th></tr></thead><tbody><tr><td rowspan=2>P-1</td><td>10</td><td>12</td></tr>
    <tr><td>11</td><td><table><tr><td>inner a</td><td>inner b</td></tr></table></td></tr></tbody>
    <tfoot><tr><td colspan=2>Sum</td><td>33</td></tr></tfoot></table>
    <table><tr><td><p>Laid out.</p></td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>
    """
    assert [text for _, text in outline(parse_text(tmp_path, "a.html", source))] == [
        "| Part | 2026 Plan | 2026 Ist |",
        "| P-1 | 10 | 12 |",
        "| P-1 | 11 | inner a inner b |",
        "| Sum |  | 33 |",
        "Laid out.",
        "| a | b |",
    ]


def test_items_keep_the_number_that_the_page_gives_them(tmp_path: Path) -> None:
    source = "<ol start=5><li>five</li><li value=9>nine</li><li>ten</li></ol>"
    assert [text for _, text in outline(parse_text(tmp_path, "a.html", source))] == [
        "5. five", "9. nine", "10. ten",
    ]  # fmt: skip


def test_raised_numbers_are_no_part_of_the_number_before_them(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.html",
        "<p>面积 5 m<sup>2</sup>，10<sup>&minus;3</sup> 与 the 4<sup>th</sup> of<sup><a>7</a></sup> May</p>"
        "<table><tr><th>Unit<th>Value<tr><td>m<sup>3</sup><td>10<sup>6</sup></table>",
    )
    assert "面积 5 m²，10⁻³ 与 the 4th of⁷ May" in parsed.text
    assert "| m³ | 10⁶ |" in parsed.text


def test_readings_letters_of_lists_and_drawings(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.html",
        "<body><svg><title>Pump curve</title><text>40</text></svg><p><ruby>北京<rp>(</rp><rt>Beijing</rt>"
        "<rp>)</rp></ruby>站</p><ol type=a><li>alpha<li>beta</ol><ol type=I start=4><li>four</ol>",
    )
    assert parsed.title == "a"
    assert [(note.kind, note.detail) for note in parsed.notes] == [("picture", "Pump curve")]
    assert [text for _, text in outline(parsed)] == [
        "北京（Beijing）站",
        "a. alpha",
        "b. beta",
        "IV. four",
    ]


def test_a_page_within_a_form_is_read(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.html",
        "<body><form id=aspnetForm><div><h1>Travel policy</h1><p>The daily allowance is 28 euros in"
        " Germany and 35 euros elsewhere, as was agreed in March.</p></div><form class=search>"
        "<label>Find</label><input></form></form></body>",
    )
    assert "28 euros" in parsed.text


def test_asides_and_footers_that_say_something_stay(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.html",
        f"<body><h1>手册</h1>{ARTICLE}<aside>Warning: the alarm number is 4711.</aside>{ARTICLE}"
        "<aside class=sidebar>Recent posts here</aside><aside><a href=/>Home</a> <a href=/a>About</a></aside>"
        "<footer>Approved by the works council on 2026-02-01</footer>"
        "<footer><a href=/p>Privacy</a> · <a href=/i>Imprint</a></footer></body>",
    )
    assert "4711" in parsed.text
    assert "works council" in parsed.text
    assert not {"Recent", "About", "Imprint"} & set(parsed.text.replace("\n", " ").split())


def test_formulas_boxes_fields_and_frames(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.html",
        f"<main>{ARTICLE}<p>Energy <math><semantics><mrow><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn>"
        "</msup></mrow><annotation encoding='application/x-tex'>E=mc^2</annotation></semantics></math>, share"
        " <math><mfrac><mn>3</mn><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></mfrac></math>.</p>"
        "<ul><li><input type=checkbox checked> Sign</li><li><input type=checkbox> Send</li></ul>"
        "<div><input type=radio name=tabs checked>apt</div><input type=checkbox class=toggle>"
        "<p>Name: <input value='Ana Ruiz'><input type=hidden value=SECRET></p>"
        "<button aria-expanded=false aria-controls=p1>How many days of leave?</button><p>28 days.</p><button>OK</button>"
        "<h2><span>History</span><span class='mw-editsection'>[<a>edit</a>]</span></h2><p>In 1908, a co&shy;operative.</p>"
        "<iframe src='https://example.org/map'></iframe><noscript><iframe src='https://example.org/count'></iframe></noscript>"
        "<iframe src='https://example.org/pixel' width=1 height=1></iframe></main>",
    )
    texts = [text for _, text in outline(parsed)]
    assert "Energy E=mc², share 3/(a+b)." in texts
    assert texts[texts.index("- ☒ Sign") : texts.index("28 days.") + 1] == [
        "- ☒ Sign",
        "- ☐ Send",
        "apt",
        "Name: Ana Ruiz",
        "How many days of leave?",
        "28 days.",
    ]
    assert texts[-2:] == ["History", "In 1908, a cooperative."]
    assert "OK" not in texts
    assert "SECRET" not in parsed.text
    assert [n.detail for n in parsed.notes if n.kind == "embedded_file"] == [
        "https://example.org/map"
    ]


def test_each_definition_of_a_term_stands_behind_it(tmp_path: Path) -> None:
    body = "<dl><dt>电压</dt><dd>三相 400 V</dd><dd>单相 230 V</dd><dt>功率</dt><dd>5 kW</dd></dl><p>完。</p>"
    parsed = parse_text(tmp_path, "a.html", f"<main><h1>参数</h1>{ARTICLE}{body}</main>")
    assert [text for _, text in outline(parsed)[2:]] == [
        "电压: 三相 400 V", "电压: 单相 230 V", "功率: 5 kW", "完。",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.mht", "exported.doc"])
def test_a_web_archive_is_read_as_its_page(tmp_path: Path, name: str) -> None:
    head = (
        "From: <Saved by Blink>\r\nSubject: Saved\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;"
        '\r\n type="text/html"; boundary="b1"\r\n\r\n'
    )
    page = "<html><head><meta charset=gbk><title>保修</title></head><body><h1>保修</h1><p>保修期为 24 个月。</p></body></html>"
    coded = quopri.encodestring(page.encode("gbk")).decode("ascii")
    archive = (
        f"{head}--b1\r\nContent-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: quoted-printable"
        f"\r\n\r\n{coded}\r\n--b1\r\nContent-Type: image/png\r\n\r\nx\r\n--b1--\r\n"
    )
    parsed = parse_text(tmp_path, name, archive)
    assert (parsed.title, parsed.media_type) == ("保修", "text/html")
    assert outline(parsed)[-1] == ("paragraph", "保修期为 24 个月。")


def test_a_page_that_its_script_shows_is_read(tmp_path: Path) -> None:
    veil = 'style="visibility: hidden; opacity: 0; "'
    page = f"<html><body><h1>用电提示</h1><div id='js_content' {veil}>{{}}</div><p>{{}}</p></body></html>"
    parsed = parse_text(tmp_path, "a.html", page.format(ARTICLE, "扫一扫"))
    assert "开源模型的许可证各不相同" in parsed.text
    assert parsed.notes == ()
    parsed = parse_text(
        tmp_path, "b.html", page.format("<p>" + "Tell them it is free. " * 12, ARTICLE)
    )
    assert "free" not in parsed.text
