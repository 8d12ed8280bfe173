"""Facts to be planted in documents and asked for again, the same at every call."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench.corpus import sentence

_THINGS_EN = (
    "opening hour", "storage limit", "deposit", "inspection interval", "alarm code", "parking fee",
    "loading height", "delivery window", "noise limit", "repair budget", "water pressure", "belt width",
    "oven temperature", "rental period", "safety distance", "lock number", "cooling time", "oil quantity",
    "stacking height", "test voltage",
)  # fmt: skip
_THINGS_ZH = (
    "开放时间", "存放上限", "押金", "检查周期", "报警代码", "停车费", "装卸高度", "送货时段", "噪声限值",
    "维修预算", "水压", "皮带宽度", "炉温", "租期", "安全距离", "锁号", "冷却时间", "用油量", "堆放高度", "试验电压",
)  # fmt: skip
_FIRST_EN = (
    "Hal Bren Tor Wes Mar Kel Dun Fal Gris Lam Nor Pel Quil Ros Sten Ul Vand Yar Zell Ash".split()
)
_LAST_EN = "vern dale ford mere wick stow holm garth combe thorpe".split()
_KINDS_EN = "depot mill foundry brewery dairy quarry".split()
_FIRST_ZH = "青 白 长 云 石 南 沙 梅 竹 松 柳 金 银 红 黑 大 小 东 西 北".split()
_LAST_ZH = "岭 湾 坪 桥 浦 塘 溪 岗 洲 峪".split()
_KINDS_ZH = "仓库 车间 水厂 电站 码头 农场".split()


@dataclass(frozen=True, slots=True)
class Fact:
    """`where`: the part of the document that it is planted in. `value` stands nowhere else."""

    where: str
    place: str
    thing: str
    value: str
    chinese: bool

    @property
    def sentence(self) -> str:
        if self.chinese:
            return f"{self.place}的{self.thing}是{self.value}。"
        return f"The {self.thing} of {self.place} is {self.value}."

    @property
    def question(self) -> str:
        if self.chinese:
            return f"{self.place}的{self.thing}是多少？"
        return f"What is the {self.thing} of {self.place}?"


class Planter:
    """The facts of one document: one place, and another thing for each fact."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(f"planted-{number}")
        self.chinese = number % 2 == 1
        # A place is named once in the whole folder.
        half = number // 2
        if self.chinese:
            first, last = _FIRST_ZH[half % 20], _LAST_ZH[half // 20 % 10]
            self.place = f"{first}{last}{_KINDS_ZH[half % 6]}"
        else:
            first, last = _FIRST_EN[half % 20], _LAST_EN[half // 20 % 10]
            self.place = f"{first}{last} {_KINDS_EN[half % 6]}"
        self._number = number
        self._things = iter(_THINGS_ZH if self.chinese else _THINGS_EN)
        self._count = 0
        self.facts: list[Fact] = []

    def fact(self, where: str) -> Fact:
        """A new one; its value is a number of six digits that no other fact has."""
        self._count += 1
        value = str(100_000 + self._number * 1_000 + self._count * 37)
        fact = Fact(where, self.place, next(self._things), value, self.chinese)
        self.facts.append(fact)
        return fact

    def number(self, where: str) -> Fact:
        """As `fact`, for a cell of a table or a chart."""
        return self.fact(where)

    def title(self) -> str:
        return f"{self.place}手册" if self.chinese else f"Handbook of {self.place}"

    def heading(self, number: int) -> str:
        return f"第{number}部分" if self.chinese else f"Part {number}"

    def filler(self) -> str:
        """Four sentences that say nothing of the place."""
        return "".join(sentence(self.random, self.chinese) for _ in range(4)).strip()

    def head(self) -> str:
        """The name of a table's first column."""
        return "地点" if self.chinese else "Place"

    def fillers(self, count: int) -> Iterator[tuple[str, str]]:
        """(heading, paragraph)."""
        for number in range(1, count + 1):
            yield self.heading(number), self.filler()
