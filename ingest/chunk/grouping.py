"""Which units go together into one passage."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from ingest.chunk.units import BUDGET, Unit

_STRETCHED = BUDGET * 5 // 4  # rather than to leave a fragment
_SMALL_SECTION = 400  # below this, a section takes in the next one of its parent
_TINY_SECTION = 150  # below this, even across headings of the outermost level under a title
_LEAD_IN = 200  # 'The licences are:' stays with the list or table that follows


def group(text: str, units: Sequence[Unit]) -> list[list[Unit]]:
    """Units to passages."""
    grouper = _Grouper(text, units)
    current: list[Unit] = []
    groups: list[list[Unit]] = []
    for i, unit in enumerate(units):
        if current and grouper.breaks(current, i):
            kept = grouper.without_carried(current, unit)
            groups.append(current[:kept])
            current = current[kept:]
        current.append(unit)
    if current:
        groups.append(current)
    return groups


class _Grouper:
    def __init__(self, text: str, units: Sequence[Unit]) -> None:
        self._text = text
        self._units = units
        self._before = [0]  # width of all units before the i-th
        for unit in units:
            self._before.append(self._before[-1] + unit.width + 1)
        # Places where a new section or page begins, and where a run of table rows ends.
        self._starts = [
            i
            for i, unit in enumerate(units)
            if unit.heading or (i and unit.block.page != units[i - 1].block.page)
        ]
        self._run_ends = [
            i
            for i, unit in enumerate(units)
            if unit.block.kind != "table_row" or self._is_header(unit)
        ]
        # Places of text that is no list, table or code.
        self._prose = [i for i, u in enumerate(units) if u.block.kind in ("heading", "paragraph")]
        levels = Counter(unit.block.level for unit in units if unit.heading)
        # The outermost level that divides the document; a lone heading is its title.
        self._top = min((n for n, count in levels.items() if count > 1), default=0)

    def breaks(self, current: Sequence[Unit], i: int) -> bool:
        """Whether unit i begins a new passage after the units of `current`."""
        unit = self._units[i]
        if all(map(self._sticks, current)):
            return False
        if unit.block.page != current[-1].block.page:
            return True
        used = self._before[i] - self._before[i - len(current)]
        if unit.heading:
            if len(unit.block.section) == 1 and any(u.block.section for u in current):
                return True  # chapters, or sheets: nothing says which of them a hit is in
            limit = _TINY_SECTION if unit.block.level <= self._top else _SMALL_SECTION
            budget = _STRETCHED if used < _TINY_SECTION else BUDGET
            return used >= limit or used + self._until(self._starts, i) > budget
        if used + self._until(self._starts, i) <= _STRETCHED:
            return False  # the rest of the section would be a fragment
        if unit.block.kind == "table_row" and self._is_header(unit):
            return used + self._until(self._run_ends, i) > BUDGET
        if self._leads_in(unit):
            # Rather here than within the list, if the list fits into one passage.
            listed = self._until(self._prose, i)
            if used >= _SMALL_SECTION and listed <= BUDGET < used + listed:
                return True
        return used + unit.width > BUDGET

    def without_carried(self, current: Sequence[Unit], unit: Unit) -> int:
        """How many units stay: headings and lead-ins at the end go with what follows them."""
        kept = len(current)
        while kept > 1 and self._sticks(current[kept - 1]):
            if unit.heading and not current[kept - 1].heading:
                break
            kept -= 1
        return kept

    def _sticks(self, unit: Unit) -> bool:
        """Whether the unit is only the beginning of what follows it."""
        if unit.heading or (unit.block.kind == "table_row" and self._is_header(unit)):
            return True
        return self._leads_in(unit)

    def _leads_in(self, unit: Unit) -> bool:
        """Whether it is a short paragraph that ends in a colon."""
        last = self._text[unit.end - 1]
        return unit.block.kind == "paragraph" and unit.width <= _LEAD_IN and last in ":："

    def _is_header(self, unit: Unit) -> bool:
        header = unit.block.header
        return bool(header) and self._text.startswith(header, unit.start)

    def _until(self, places: Sequence[int], i: int) -> int:
        """Width of the units from the i-th to the next of `places` behind it."""
        place = bisect_left(places, i + 1)
        end = places[place] if place < len(places) else len(self._units)
        return self._before[end] - self._before[i]
