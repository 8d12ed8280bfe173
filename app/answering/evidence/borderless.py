"""Tables that lost their borders on the way from a page: each row is a line, and its cells run together.

So do the names of the columns in the line above them, which says what the others are about and answers nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.answering.evidence.units import fold
from app.text.language import HAN
from app.text.lines import LIST_MARKER, is_table_row

_CAPTION: Final = re.compile(r"(?:表|table)\s?\d{1,3}(?!\d)", re.IGNORECASE)
_NO_NAMES: Final = re.compile(r"[\d。！？!?，,；;：:、“”\"|…]")
_ENDS: Final = re.compile(r"[。！？!?；;：:.]\s*$")
# Where two cells touch: 'PrinterFloor', '轴承HB', 'Alder1yes'.
_TOUCH: Final = re.compile(
    rf"[a-z)）](?=[A-Z])|[A-Za-z0-9)）](?={HAN.pattern})|{HAN.pattern}(?=[A-Za-z0-9])|[a-z](?=\d)|\d(?=[a-z]{{2}})"
)
# What columns are called, or are called with.
_COLUMNS: Final = re.compile(
    r"名称|编号|序号|姓名|模型|任务|说明|描述|领域|示例|例子|应用|场景|特点|优势|劣势|优点|缺点|能力|意义|输入|输出|代表|主营|内容|标准|条件|结果|公司|系列|规格|方法|参数|规模|年份"
    r"|部门|科室|服务|端口|负责人|联系人|人员|员工|人数|预算|价格|单价|售价|费用|金额|成本|型号|机型|产品|项目|种类|类别|类型|分类|限额|上限|下限|额度|天数|工龄|补贴|津贴|电话|地址|网址|邮箱|状态|日期|期限|账期|时间|时长|周期|频率|级别|等级|数量|单位|颜色|材料|材质|职位|职务|岗位|城市|国家|地区|区域|版本|大小|尺寸|重量|长度|速度|功率|电压|温度|压力|容量|面积|含义|处理|措施|原因|命令|环境|库存|折扣|税率|利率|租金|押金|许可证|内存|显存|语言|楼层|房间|班次|课程|供应商|客户|设备|备注|用途|代码|学历|工资|产地|品牌|功能|要求|示范|支持"
)
_LONGEST: Final = 60  # characters of a line of column names
_LONGEST_ROW: Final = 200
_ROWS: Final = 2
_NAMED: Final = 0.6


@dataclass(frozen=True)
class Borderless:
    """Places in a text: of the column names, and where the rows, and the caption behind them, end."""

    start: int
    names_end: int
    rows_end: int
    end: int


@lru_cache(maxsize=512)
def borderless_tables(text: str) -> tuple[Borderless, ...]:
    """Such tables of a text, in order."""
    return tuple(table for run in _runs(text) if (table := _table(run, text)) is not None)


def _runs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Runs of lines without a blank one among them."""
    run: list[tuple[int, int]] = []
    place = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            run.append((place, place + len(line.rstrip())))
        elif run:
            yield run
            run = []
        place += len(line)
    if run:
        yield run


def _table(run: Sequence[tuple[int, int]], text: str) -> Borderless | None:
    lines = [text[start:end] for start, end in run]
    if any(is_table_row(line) or LIST_MARKER.match(line) for line in lines):
        return None
    captioned = bool(_CAPTION.match(lines[-1].strip()))
    count = len(lines) - captioned
    # The line above may be the table's title.
    for first in (0, 1):
        rows = lines[first + 1 : count]
        if len(rows) < _ROWS or max(map(len, rows)) > _LONGEST_ROW:
            continue
        name = lines[first].strip()
        if len(name) > _LONGEST or _NO_NAMES.search(name):
            continue
        touching = sum(_TOUCH.search(row) is not None for row in rows)
        certain = captioned and first == 0 and touching
        if certain or (
            _names_columns(name) and 2 * touching >= len(rows) and not any(map(_ENDS.search, rows))
        ):
            return Borderless(run[first][0], run[first][1], run[count - 1][1], run[-1][1])
    return None


def _names_columns(line: str) -> bool:
    """Whether a line is several names of columns, and nothing else to speak of."""
    if not HAN.search(line):
        return len(_TOUCH.findall(line)) >= _ROWS
    folded = fold(line)
    found = _COLUMNS.findall(folded)
    letters = sum(character.isalnum() for character in folded)
    return len(found) >= _ROWS and sum(map(len, found)) >= _NAMED * letters
