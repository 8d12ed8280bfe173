"""Numbers as spreadsheets show them."""

import pytest

from ingest.parse.cell_formats import BUILT_IN, shown, shown_text


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        # General: whole numbers stay whole, fractions have at most 11 places.
        (412, "General", "412"), (0.3, "General", "0.3"), (89.90000000000001, "General", "89.9"),
        (1 / 3, "General", "0.333333333"), (100 / 3, "General", "33.33333333"), (-2.5, "General", "-2.5"),
        (0.1 + 0.2, "General", "0.3"), (1.234567890123457e16, "General", "12345678901234600"),
        (0.0000123, "General", "1.23E-05"), (123456789012, "General", "123456789012"), (1e-300, "General", "1E-300"),
        # Places, grouping, per cent, rounding half up on what is shown
        (0.075, "0.0%", "7.5%"), (0.12, "0%", "12%"), (1234.5, '#,##0.00 "€"', "1,234.50 €"),
        (412, "00000", "00412"), (1.005, "0.00", "1.01"), (2.5, "0", "3"), (0.5, "#", "1"), (0.2, "#.##", ".2"),
        (5, "#.##", "5."), (1234567, "#,##0", "1,234,567"), (0, "#,##0", "0"), (0, "#", ""), (3.10, "0.0?", "3.1"),
        (1e15, "#,##0", "1,000,000,000,000,000"), (12, "0000-00", "0000-12"), (5551234, "000-0000", "555-1234"),
        # What East Asian Excel writes for a backslash; Chinese numerals with decimals
        (123456, '0!.0,"万"', "12.3万"), (1234.56, "[DBNum2][$-804]General", "壹仟贰佰叁拾肆.伍陆"), (5, "0!", "5!"),
        # Scaling by thousands
        (1234567, "#,##0,", "1,235"), (1234567, '0.0,, "M"', "1.2 M"), (2500000, '#,##0.0,,"百万"', "2.5百万"),
        # Signs and sections
        (-1234, "#,##0;(#,##0)", "(1,234)"), (-5, "0;[Red]-0", "-5"), (-5, "[Red]0", "-5"), (0, '0;-0;"none"', "none"),
        (-3, '0;0;"z"', "3"), (7, '"Lot "0', "Lot 7"), (7, "0 \\k\\g", "7 kg"), (7, ";;;", ""), (-0.001, "0.00", "0.00"),
        (1500, '[>=1000]0.0,"k";0', "1.5k"), (20, '[>=1000]0.0,"k";0', "20"), (-7, '[<0]"down "0;"up "0', "down 7"),
        (12.5, '[$€-407] #,##0.00', "€ 12.50"), (12.5, "[$¥-804]#,##0.00", "¥12.50"), (9.5, '_("$"* #,##0.00_)', "$9.50"),
        # Fractions and powers
        (1.5, "# ?/?", "1 1/2"), (0.25, "# ?/?", "1/4"), (2, "# ?/?", "2"), (3.14159, "# ??/??", "3 14/99"), (0.4, "# ?/8", "3/8"),
        (1.25, "?/?", "5/4"), (-1.5, "# ?/?", "-1 1/2"),
        (12345, "0.00E+00", "1.23E+04"), (0.00012, "0.0E+0", "1.2E-4"), (12345, "##0.0E+0", "12.3E+3"), (9.999, "0.0E+0", "1.0E+1"),
        # Days and times
        (46096, "yyyy-mm-dd", "2026-03-15"), (46096, "dd.mm.yyyy", "15.03.2026"), (46096, "d/m/yy", "15/3/26"),
        (46096, "mmmm d, yyyy", "March 15, 2026"), (46096, "ddd d mmm", "Sun 15 Mar"), (46096, "dddd", "Sunday"),
        (46096, 'yyyy"年"m"月"d"日"', "2026年3月15日"), (46096, "aaaa", "星期日"), (46096, "[$-804]aaa", "日"),
        (0.3125, "h:mm", "7:30"), (0.3125, "hh:mm:ss", "07:30:00"), (0.75, "h:mm AM/PM", "6:00 PM"), (0.5, "上午/下午h:mm", "下午12:00"),
        (0.75, "[$-409]h:mm AM/PM;@", "6:00 PM"), (1.5, "[h]:mm", "36:00"), (0.0625, "[m]", "90"), (0.00001157407, "[s]", "1"),
        (46096.5, "yyyy-mm-dd hh:mm", "2026-03-15 12:00"), (0.00052, "mm:ss.0", "00:44.9"), (0.999999, "hh:mm:ss", "00:00:00"),
        (45 / 1440, "mm:ss", "45:00"), (46096, "yyyy", "2026"), (1, "yyyy-mm-dd", "1900-01-01"), (60, "yyyy-mm-dd", "1900-02-29"),
        (61, "yyyy-mm-dd", "1900-03-01"), (-3, "yyyy-mm-dd", "-3"), (9e9, "yyyy-mm-dd", "9000000000"),
        # Chinese
        (123, "[DBNum1]General", "一百二十三"), (1205, "[DBNum2]General", "壹仟贰佰零伍"), (46096, '[DBNum1]yyyy"年"m"月"d"日"', "二〇二六年三月十五日"),
    ],
)  # fmt: skip
def test_shown(value: float, form: str, expected: str) -> None:
    assert shown(value, form) == expected


def test_days_from_1904() -> None:
    assert shown(44634, "yyyy-mm-dd", from_1904=True) == "2026-03-15"


def test_built_in_formats_show_days_in_one_way_for_all_countries() -> None:
    assert shown(46096, BUILT_IN[14]) == "2026-03-15"
    assert shown(0.3125, BUILT_IN[21]) == "07:30:00"
    assert shown(46096, BUILT_IN[31]) == "2026年3月15日"


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [("A7", "General", "A7"), ("A7", "@", "A7"), ("A7", '"No. "@', "No. A7"), ("A7", '0;-0;0;"<"@">"', "<A7>"), ("A7", ";;;", "")],
)  # fmt: skip
def test_texts_have_formats_too(text: str, form: str, expected: str) -> None:
    assert shown_text(text, form) == expected


@pytest.mark.parametrize(
    "form",
    ["", ";", "[", '"', "\\", "[$", "0.0.0", "E+", "/", "0/0", "????/????", "[>x]0", "*", "_"],
)
@pytest.mark.parametrize("value", [0, 1.5, -1e300, 5e-324, float("inf"), float("nan")])
def test_no_format_fails(form: str, value: float) -> None:
    assert isinstance(shown(value, form), str)
