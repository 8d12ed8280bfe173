"""What columns and headings are commonly called, in either language, so that a question in one language meets
a table in the other: 端口 is 'port', 负责人 'owner'."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from app.answering.evidence.units import fold

_NAMES: Final = r"""
部门|科室 | departments?
服务 | services?
端口 | ports?
负责人|谁负责|由谁|主管|谁 | owners?|heads?|responsible|in charge|managers?|contacts?|leads?|who
员工|人数|多少人|人员 | staff|headcount|employees|people
预算 | budgets?
价格|单价|售价|多少钱|价钱|费用|收费|成本|多贵 | prices?|costs?|fees?|how expensive
型号|机型|模型 | models?|types?
产品 | products?
项目|项 | items?|projects?
种类|类别|类型 | kinds?|types?|categor(?:y|ies)
费用项|开支|花费 | expenses?
限额|上限|额度|最高 | limits?|maximum|up to
每天|每日 | per day|daily
年假|休假|假期 | (?:annual )?leave|vacation|holidays?
工龄|司龄|年限 | length of service|years of service|seniority
天数|几天|多少天 | days
补贴|津贴 | allowances?|subsid(?:y|ies)
标准 | standards?|rates?
保修|质保 | warrant(?:y|ies)|guarantee
流量 | flow
供电|电源 | power supply|powered
电话 | phones?|telephones?
地址|网址 | address(?:es)?
邮箱|邮件 | e?-?mails?
状态 | status
日期|哪天|哪一天 | dates?
截止|期限|何时完成 | until|deadlines?|due
时间|时长|多久|几点 | times?|duration|how long|hours
响应 | respons\w+
级别|等级 | levels?|severit\w+|grades?|class(?:es)?
数量|多少台 | quantit\w+|numbers?|amounts?
颜色|彩色 | colou?rs?|colou?red
材料|材质 | materials?
职位|职务|岗位 | positions?|roles?|job titles?
城市 | cit(?:y|ies)
国家 | countr(?:y|ies)
地区|区域 | regions?|areas?|zones?
版本 | versions?|releases?
大小|尺寸|多大 | sizes?|dimensions?|how (?:large|big)
重量|净重|多重|权重 | weights?|weigh\w*|how heavy
长度 | lengths?
速度|多快 | speeds?|how fast
功率|功耗 | power|watt\w*
温度 | temperatures?|how (?:hot|warm|cold)
压力 | pressures?
含义|意思 | meanings?|means?
处理|怎么办|措施|办法 | actions?|what to do|remed\w+
原因 | causes?|reasons?
命令|指令 | commands?
重启 | restart\w*
环境 | environments?
副本 | replicas?
库存 | stocks?
折扣 | discounts?
税率 | tax(?:es)?
利率 | interest
租金 | rents?
押金 | deposits?
许可证|许可|开源协议 | licen[cs]es?|licen[cs]ing|licensed
参数 | parameters?
默认|缺省 | defaults?
保留|保存|留存 | retention|retain\w*|kept|keeps?
轮换|轮值 | rotat\w+
星期|周[一二三四五六日] | (?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekdays?
内存|显存 | memory|vram
语言 | languages?
楼层|楼 | floors?
房间|会议室 | rooms?
班次|班 | shifts?
课程 | courses?
供应商 | suppliers?|vendors?
客户 | customers?|clients?
水泵|泵 | pumps?
控制器 | controllers?
机器|设备 | machines?|equipment|devices?
车辆|车 | vehicles?|cars?|trucks?
周期|频率|多久一次 | intervals?|frequenc\w+|how often
收据|发票 | receipts?|invoices?
要点|事项 | points?
密码|口令|门禁码 | codes?|passwords?|passcodes?|pins?
代码|编码|错误码|故障码 | codes?
折旧(?:年限|期)? | depreciat\w+|written? off(?: over)?|write-offs?
使用年限|寿命 | (?:useful|service) life|lifetime|life span
购买|购入|购置|采购 | bought|buy|purchas\w+
采购价|购置费|购买价 | purchas\w+|prices?|costs?
用途|用于 | used for|purposes?
上下文(?:窗口|长度|上限)?|窗口 | context(?: windows?| lengths?)?
显卡 | graphics cards?|gpus?
维度|维数 | dimensions?
阈值|门槛 | thresholds?
备注|说明 | remarks?|notes?|comments?
序列号 | serial numbers?
制造商|厂家|生产商 | manufacturers?|makers?|made by
电压 | voltages?
产地 | origin|made in
学历 | education|degrees?
薪资|工资|薪酬 | salar(?:y|ies)|wages?|pay
营业额|销售额|收入 | revenues?|sales|turnover
面积 | areas?|square met(?:re|er)s
容量 | capacit(?:y|ies)|volumes?
格式 | formats?
奖金|全勤奖|奖励 | bonus(?:es)?|awards?|premiums?
册数|本数|几[本册]|多少[本册] | (?:number of )?books?
可借|能借|借几|借阅 | borrow\w*|lent|lends?
密钥|钥匙 | keys?
无线网络?|无线|wi-?fi | wi-?fi|wlan|wireless
示例|代表|例子 | examples?|representatives?
饮用|直饮|喝 | drink\w*|drunk|potable
"""
_CONCEPTS: Final = tuple(
    re.compile(rf"(?:{zh.strip()})|(?<![a-z])(?:{en.strip()})(?![a-z])")
    for zh, _, en in (line.partition(" | ") for line in _NAMES.strip().splitlines())
)


@lru_cache(maxsize=4_096)
def concepts(text: str) -> frozenset[int]:
    """The numbers of what a text names of them."""
    return frozenset(n for _, _, n in _found(text))


def lacking(text: str, known: frozenset[int]) -> bool:
    """Whether a text has a word that names one of them, and none that is known: 'cost' may be a price or a fee."""
    by_place: dict[tuple[int, int], set[int]] = {}
    for start, end, n in _found(text):
        by_place.setdefault((start, end), set()).add(n)
    return not all(known & meant for meant in by_place.values())


@lru_cache(maxsize=4_096)
def _found(text: str) -> tuple[tuple[int, int, int], ...]:
    """(start, end, which) of each in the folded text."""
    folded = fold(text)
    found = [
        (*match.span(), n)
        for n, pattern in enumerate(_CONCEPTS)
        for match in pattern.finditer(folded)
    ]
    return tuple(
        (start, end, n)
        for start, end, n in found
        # The 'service' of 'length of service' is none.
        if not any(a <= start and end <= b and end - start < b - a for a, b, _ in found)
    )


def places(folded: str, meant: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Where a text, whose case does not matter, names one of these."""
    lower = folded.casefold()
    for n in meant:
        for match in _CONCEPTS[n].finditer(lower):
            yield match.span()
