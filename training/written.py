"""Documents written here, with questions in both languages: tables, key-value lists, rules, steps,
versions, near neighbours, and facts whose roles can be turned round.

Each maker gives, for one drawn set of facts, right pairs and wrong ones that differ from them in one
thing only. Question and passage are of one language or of two.

Over 350 lines: most of them are the texts themselves.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from training import facts
from training.example import Example, Kind
from training.facts import LANGUAGES, Language, Pair

Make = Callable[[Random, Language, Language], Iterator[Example]]


def written(seed: int, rounds: int, *, crossed_share: float = 0.4) -> Iterator[Example]:
    """`rounds` times every maker; the same for the same seed."""
    random = Random(seed)
    for _ in range(rounds):
        for make in _ALL:
            asked = random.choice(LANGUAGES)
            other: Language = "en" if asked == "zh" else "zh"
            yield from make(random, asked, other if random.random() < crossed_share else asked)


def _example(
    question: str,
    passage: str,
    right: bool,
    kind: Kind,
    asked: Language,
    told: Language,
    *,
    answer: str | None = None,
    points: str = "",
) -> Example:
    start = passage.find(points) if points else -1
    end = start + len(points) if start >= 0 else -1
    return Example(question, passage, right, kind, asked, asked != told, answer, start, end)


def _drawn(random: Random, pool: tuple[Pair, ...], count: int) -> list[Pair]:
    return random.sample(pool, count)


def _under(random: Random, language: Language, heading: str, text: str) -> str:
    """With a title line above, as the reader is given passages, or without; filler round it."""
    if random.random() < 0.3:
        text = f"{text} {random.choice(facts.FILLER)[language]}"
    if random.random() < 0.3:
        text = f"{random.choice(facts.FILLER)[language]} {text}"
    return f"{heading}\n{text}" if random.random() < 0.6 else text


def _join(random: Random, language: Language, sentences: list[str]) -> str:
    mixed = list(sentences)
    random.shuffle(mixed)
    return ("" if language == "zh" else " ").join(mixed)


# --- tables and key-value lists ---------------------------------------------------------------


def _rows(header: list[str], rows: list[list[str]], style: int) -> str:
    if style == 0:
        lines = ["| " + " | ".join(cells) + " |" for cells in (header, *rows)]
    elif style == 1:
        lines = ["\t".join(cells) for cells in (header, *rows)]
    elif style == 2:
        pairs = [zip(header, cells, strict=True) for cells in rows]
        lines = ["; ".join(f"{name}: {cell}" for name, cell in row) for row in pairs]
    else:
        lines = [
            "\n".join(f"{name}: {cell}" for name, cell in zip(header, cells, strict=True)) + "\n"
            for cells in rows
        ]
    return "\n".join(lines)


def fault_table(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """Codes with meaning and remedy; wrong: a table without the row, the row of another code."""
    count = random.randint(3, 7)
    style, look = random.randrange(5), random.randrange(4)
    codes = facts.several(random, lambda r: facts.code(r, style), count + 1)
    absent = codes.pop()
    meant, done = _drawn(random, facts.FAULTS, count), _drawn(random, facts.ACTIONS, count)
    thing = random.choice(facts.THINGS)
    header = ["代码", "含义", "处理办法"] if told == "zh" else ["Code", "Meaning", "Action"]
    rows = [[c, m[told], d[told]] for c, m, d in zip(codes, meant, done, strict=True)]
    heading = f"{thing[told]}故障代码" if told == "zh" else f"Fault codes of the {thing[told]}"
    at = random.randrange(count)
    sibling = (at + 1 + random.randrange(count - 1)) % count
    what, ask = random.choice((
        (1, Pair(f"{codes[at]} 是什么意思？", f"What does {codes[at]} mean?")),
        (1, Pair(f"故障 {codes[at]} 是什么？", f"What is fault {codes[at]}?")),
        (2, Pair(f"出现 {codes[at]} 怎么办？", f"What do I do about {codes[at]}?")),
        (2, Pair(f"错误码{codes[at]}如何处理？", f"How is error {codes[at]} dealt with?")),
    ))  # fmt: skip
    question, passage = ask[asked], _under(random, told, heading, _rows(header, rows, look))
    without = [row for place, row in enumerate(rows) if place != at]
    lacking = _under(random, told, heading, _rows(header, without, look))
    cell = rows[at][what]
    yield _example(question, passage, True, "answer", asked, told, points=cell)
    yield _example(question, lacking, False, "row", asked, told)
    yield _example(question.replace(codes[at], absent), passage, False, "row", asked, told)
    source = meant if what == 1 else done
    good, bad = source[at], source[sibling]
    for said in (asked, told):
        tell = (lambda c, v: f"{c}：{v}。") if said == "zh" else (lambda c, v: f"{c}: {v}.")
        yield _example(
            question, passage, True, "answer", asked, told, answer=tell(codes[at], good[said])
        )
        yield _example(
            question, passage, False, "row", asked, told, answer=tell(codes[at], bad[said])
        )
    yield _example(question, lacking, False, "row", asked, told, answer=good[told])
    other = (done if what == 1 else meant)[at]
    yield _example(question, passage, False, "row", asked, told, answer=other[told])


def property_table(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """Things by attributes; wrong: another row, another column, the thing not listed."""
    count = random.randint(3, 6)
    style, look = random.randrange(5), random.randrange(4)
    names = facts.several(random, lambda r: facts.code(r, style), count + 1)
    absent = names.pop()
    attributes = _drawn(random, facts.ATTRIBUTES, random.randint(2, 3) + 1)
    missing = attributes.pop()
    thing = random.choice(facts.THINGS)
    cells = [[facts.number(random) for _ in attributes] for _ in names]
    header = ["型号" if told == "zh" else "Model"]
    header += [f"{a[told]} ({facts.UNITS[a.en][told]})" for a in attributes]
    rows = [[name, *line] for name, line in zip(names, cells, strict=True)]
    heading = f"{thing[told]}技术数据" if told == "zh" else f"Technical data of the {thing[told]}"
    at, column = random.randrange(count), random.randrange(len(attributes))
    sibling = (at + 1 + random.randrange(count - 1)) % count
    attribute, unit = attributes[column], facts.UNITS[attributes[column].en]

    def ask(name: str, wanted: Pair) -> str:
        return (
            f"{name} 的{wanted.zh}是多少？"
            if asked == "zh"
            else f"What is the {wanted.en} of {name}?"
        )

    passage = _under(random, told, heading, _rows(header, rows, look))
    lacking = _under(
        random,
        told,
        heading,
        _rows(header, [r for i, r in enumerate(rows) if i != at], look),
    )
    question, value, wrong = ask(names[at], attribute), cells[at][column], cells[sibling][column]
    row = rows[at]
    place = passage.find(names[at]) + len(names[at])
    start = passage.find(value, place)
    found = Example(
        question, passage, True, "answer", asked, asked != told, None, start, start + len(value)
    )
    yield (
        found
        if start >= 0 and column == 0
        else _example(question, passage, True, "answer", asked, told)
    )
    yield _example(question, lacking, False, "row", asked, told)
    yield _example(ask(absent, attribute), passage, False, "row", asked, told)
    yield _example(ask(names[at], missing), passage, False, "row", asked, told)
    if wrong != value and value != row[1 + (column + 1) % len(attributes)]:
        for said in {asked, told}:
            tell = (
                (lambda v, u=unit: f"{names[at]} 的{attribute.zh}为 {v} {u.zh}。")
                if said == "zh"
                else (lambda v, u=unit: f"The {attribute.en} of {names[at]} is {v} {u.en}.")
            )
            yield _example(question, passage, True, "answer", asked, told, answer=tell(value))
            yield _example(question, passage, False, "row", asked, told, answer=tell(wrong))
        near = row[1 + (column + 1) % len(attributes)]
        yield _example(question, passage, False, "row", asked, told, answer=f"{near} {unit[told]}")
        yield _example(
            question, passage, True, "answer", asked, told, answer=f"{value} {unit[told]}"
        )


def key_values(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """One thing's keys, or prose of them; wrong: a key that is not there, another thing's sheet."""
    thing, other = _drawn(random, facts.THINGS, 2)
    attributes = _drawn(random, facts.ATTRIBUTES, 5)
    missing = attributes.pop()
    values = facts.several(random, facts.number, len(attributes))
    prose = random.random() < 0.5

    def sheet(of: Pair, chosen: list[int]) -> str:
        lines = []
        for i in chosen:
            unit = facts.UNITS[attributes[i].en][told]
            if prose and told == "zh":
                lines.append(f"{of.zh}的{attributes[i].zh}为 {values[i]} {unit}。")
            elif prose:
                lines.append(f"The {attributes[i].en} of the {of.en} is {values[i]} {unit}.")
            else:
                lines.append(
                    f"{attributes[i][told]}{'：' if told == 'zh' else ': '}{values[i]} {unit}"
                )
        return _join(random, told, lines) if prose else f"{of[told]}\n" + "\n".join(lines)

    at = random.randrange(len(attributes))
    nxt = (at + 1) % len(attributes)
    every = list(range(len(attributes)))

    def ask(of: Pair, wanted: Pair) -> str:
        return (
            f"{of.zh}的{wanted.zh}是多少？"
            if asked == "zh"
            else f"What is the {wanted.en} of the {of.en}?"
        )

    heading = f"{thing[told]} › {'数据' if told == 'zh' else 'Data'}"
    question, unit = ask(thing, attributes[at]), facts.UNITS[attributes[at].en]
    text = _under(random, told, heading, sheet(thing, every))
    yield _example(question, text, True, "answer", asked, told, points=f"{values[at]} {unit[told]}")
    yield _example(
        question,
        _under(random, told, heading, sheet(thing, [i for i in every if i != at])),
        False,
        "cut",
        asked,
        told,
    )
    yield _example(
        question,
        _under(
            random,
            told,
            f"{other[told]} › {'数据' if told == 'zh' else 'Data'}",
            sheet(other, every),
        ),
        False,
        "entity",
        asked,
        told,
    )
    yield _example(ask(thing, missing), text, False, "row", asked, told)
    yield _example(question, heading, False, "heading", asked, told)
    yield _example(
        question, text, True, "answer", asked, told, answer=f"{values[at]} {unit[asked]}"
    )
    yield _example(
        question, text, False, "number", asked, told, answer=f"{values[nxt]} {unit[asked]}"
    )
    yield _example(
        question,
        text,
        False,
        "number",
        asked,
        told,
        answer=f"{facts.number(random)}1 {unit[asked]}",
    )


# --- facts with a direction --------------------------------------------------------------------


def roles(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """Who did what to whom; wrong: turned round, another maker, another year."""
    a, b, c, d = random.sample(facts.MAKERS, 4)
    year, other_year = facts.several(random, lambda r: str(r.randint(1985, 2025)), 2)
    form = random.randrange(3)
    zh_verb, en_verb = (("收购了", "acquired"), ("起诉了", "sued"), ("向其供货给", "supplies"))[
        form
    ]
    if form == 2:
        zh_tell, en_tell = "{a} 自 {y} 年起向 {b} 供货。", "{a} has supplied {b} since {y}."
        zh_ask, en_ask = "谁向 {b} 供货？", "Who supplies {b}?"
        zh_when, en_when = "{a} 从哪一年起向 {b} 供货？", "Since when has {a} supplied {b}?"
    else:
        zh_tell, en_tell = f"{{a}} 于 {{y}} 年{zh_verb} {{b}}。", f"{{a}} {en_verb} {{b}} in {{y}}."
        zh_ask = f"谁{zh_verb} {{b}}？"
        en_ask = f"Who {en_verb} {{b}}?"
        zh_when = f"{{a}} 哪一年{zh_verb} {{b}}？"
        base = {"acquired": "acquire", "sued": "sue"}[en_verb]
        en_when = f"In which year did {{a}} {base} {{b}}?"
    tell = Pair(zh_tell, en_tell)[told]
    extra = tell.format(a=c, b=d, y=other_year)

    def text(x: str, y: str, when: str = year) -> str:
        return _join(random, told, [tell.format(a=x, b=y, y=when), extra])

    who = Pair(zh_ask, en_ask)[asked].format(b=b)
    when = Pair(zh_when, en_when)[asked].format(a=a, b=b)
    right = text(a, b)
    yield _example(who, right, True, "answer", asked, told, points=a)
    yield _example(when, right, True, "answer", asked, told, points=year)
    yield _example(who, text(b, a), False, "roles", asked, told)
    yield _example(when, text(b, a), False, "roles", asked, told)
    yield _example(
        when,
        text(a, random.choice((c, d)) if random.random() < 0.5 else "Ferrum"),
        False,
        "entity",
        asked,
        told,
    )
    yield _example(when, tell.format(a=c, b=b, y=year), False, "entity", asked, told)
    for said in {asked, told}:
        say = Pair(zh_tell, en_tell)[said]
        yield _example(who, right, True, "answer", asked, told, answer=say.format(a=a, b=b, y=year))
        yield _example(who, right, False, "roles", asked, told, answer=say.format(a=b, b=a, y=year))
        yield _example(
            when, right, False, "number", asked, told, answer=say.format(a=a, b=b, y=other_year)
        )
    yield _example(who, right, True, "answer", asked, told, answer=a)
    yield _example(who, right, False, "entity", asked, told, answer=random.choice((c, d)))
    yield _example(when, right, True, "answer", asked, told, answer=year)
    yield _example(when, right, False, "number", asked, told, answer=other_year)


def limits(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """Above and below, before and after, at least and at most; wrong: the other direction's value."""
    thing, other = _drawn(random, facts.THINGS, 2)
    low, high = sorted((random.randint(5, 60), random.randint(61, 140)))
    act, react = _drawn(random, facts.ACTIONS, 2)
    above = Pair(f"高于 {high} °C 时应{act.zh}。", f"Above {high} °C, {act.en}.")
    below = Pair(f"低于 {low} °C 时应{react.zh}。", f"Below {low} °C, {react.en}.")
    up = Pair(
        f"{thing.zh}温度高于 {high} °C 时要做什么？",
        f"What is to be done when the {thing.en} is above {high} °C?",
    )
    down = Pair(
        f"{thing.zh}温度低于 {low} °C 时要做什么？",
        f"What is to be done when the {thing.en} is below {low} °C?",
    )
    head = Pair(f"{thing.zh}的温度：", f"Temperature of the {thing.en}: ")[told]
    both = head + _join(random, told, [above[told], below[told]])
    for ask, tell, done, wrong in ((up, above, act, react), (down, below, react, act)):
        question = ask[asked]
        opposite = below if tell is above else above
        yield _example(question, both, True, "answer", asked, told, points=done[told])
        yield _example(question, head + opposite[told], False, "roles", asked, told)
        yield _example(question, both, True, "answer", asked, told, answer=done[asked])
        yield _example(question, both, False, "roles", asked, told, answer=wrong[asked])
    changed = Pair(up.zh.replace(thing.zh, other.zh), up.en.replace(thing.en, other.en))[asked]
    yield _example(changed, both, False, "entity", asked, told)


def rules(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """May, must not; yes or no. Both polarities answer; wrong: another deed, the other polarity."""
    deed, other, third = _drawn(random, facts.DEEDS, 3)
    allowed = random.random() < 0.5
    yes = (Pair("员工可以{}。", "Employees may {}."), Pair("允许{}。", "It is permitted to {}."))
    no = (
        Pair("员工不得{}。", "Employees must not {}."),
        Pair("禁止{}。", "It is forbidden to {}."),
    )
    tell = random.choice(yes if allowed else no)
    else_tell = random.choice(no if random.random() < 0.5 else yes)
    fact, extra = tell[told].format(deed[told]), else_tell[told].format(third[told])
    ask = random.choice((
        Pair("可以{}吗？", "May I {}?"), Pair("是否允许{}？", "Is it allowed to {}?"), Pair("员工能{}吗？", "Can employees {}?"),
    ))[asked]  # fmt: skip
    question, text = ask.format(deed[asked]), _join(random, told, [fact, extra])
    yield _example(question, text, True, "answer", asked, told, points=fact)
    yield _example(question, extra, False, "cut", asked, told)
    yield _example(ask.format(other[asked]), text, False, "entity", asked, told)
    good, bad = (yes, no) if allowed else (no, yes)
    for said in {asked, told}:
        yield _example(
            question,
            text,
            True,
            "answer",
            asked,
            told,
            answer=random.choice(good)[said].format(deed[said]),
        )
        yield _example(
            question,
            text,
            False,
            "roles",
            asked,
            told,
            answer=random.choice(bad)[said].format(deed[said]),
        )
    say_yes, say_no = Pair("是，可以。", "Yes."), Pair("不，不可以。", "No.")
    yield _example(
        question, text, True, "answer", asked, told, answer=(say_yes if allowed else say_no)[asked]
    )
    yield _example(
        question, text, False, "roles", asked, told, answer=(say_no if allowed else say_yes)[asked]
    )


# --- near neighbours ---------------------------------------------------------------------------


def versions(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """What a version brought; wrong: another version's notes, a version that differs by a digit."""
    first, second = facts.several(random, facts.version, 2)
    absent = random.choice(
        (first + "1", first.split(".")[0], f"{int(first.split('.')[0]) + 1}.{first.split('.')[1]}")
    )
    name = random.choice(facts.MAKERS)
    days = facts.several(
        random,
        lambda r: f"{r.randint(2015, 2026)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}",
        2,
    )
    done, undone = _drawn(random, facts.ACTIONS, 2)
    line = Pair("{n} {v}（{d}）：新增功能“{x}”。", "{n} {v} ({d}): new command '{x}'.")[told]
    notes = [
        line.format(n=name, v=v, d=d, x=x[told])
        for v, d, x in ((first, days[0], done), (second, days[1], undone))
    ]
    text = "\n".join(random.sample(notes, 2))
    when = Pair("{n} {v} 是什么时候发布的？", "When was {n} {v} released?")[asked]
    what = Pair("{n} {v} 新增了什么？", "What is new in {n} {v}?")[asked]
    for ask, points in ((when, days[0]), (what, done[told])):
        question = ask.format(n=name, v=first)
        yield _example(question, text, True, "answer", asked, told, points=points)
        yield _example(question, notes[1], False, "number", asked, told)
        if absent != second:
            yield _example(ask.format(n=name, v=absent), text, False, "number", asked, told)
    yield _example(when.format(n=name, v=first), text, True, "answer", asked, told, answer=days[0])
    yield _example(when.format(n=name, v=first), text, False, "number", asked, told, answer=days[1])
    yield _example(
        what.format(n=name, v=first), text, True, "answer", asked, told, answer=done[asked]
    )
    yield _example(
        what.format(n=name, v=first), text, False, "number", asked, told, answer=undone[asked]
    )


def neighbours(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """Products of one name but for a digit or a letter, makers of one trade, people of one rank."""
    base = random.choice(facts.MAKERS)
    tails = facts.several(
        random, lambda r: r.choice(("2", "3", "2.5", "4", " Pro", " Lite", "-7B", "-32B", " X")), 2
    )
    one, two = (base + tail for tail in tails)
    if random.random() < 0.5:
        two = random.choice([maker for maker in facts.MAKERS if maker != base])
    many, few = facts.several(random, facts.number, 2)
    chief, boss = _drawn(random, facts.PEOPLE, 2)
    form = random.randrange(4)
    tell, ask = (
        (Pair("{n} 支持 {x} 种语言。", "{n} supports {x} languages."), Pair("{n} 支持多少种语言？", "How many languages does {n} support?")),
        (Pair("{n} 的负责人是{x}。", "The head of {n} is {x}."), Pair("{n} 的负责人是谁？", "Who is the head of {n}?")),
        (Pair("{n} 需要 {x} GB 内存。", "{n} needs {x} GB of memory."), Pair("{n} 需要多少内存？", "How much memory does {n} need?")),
        (Pair("{n} 的上下文长度为 {x}K。", "{n} has a context length of {x}K."), Pair("{n} 的上下文有多长？", "How long is the context of {n}?")),
    )[form]  # fmt: skip
    x, y = (Pair(many, many), Pair(few, few)) if form != 1 else (chief, boss)
    fact, other = tell[told].format(n=one, x=x[told]), tell[told].format(n=two, x=y[told])
    question, text = ask[asked].format(n=one), _join(random, told, [fact, other])
    yield _example(question, text, True, "answer", asked, told, points=x[told])
    yield _example(question, fact, True, "answer", asked, told, points=x[told])
    yield _example(question, other, False, "entity", asked, told)
    yield _example(
        question,
        _join(random, told, [other, random.choice(facts.FILLER)[told]]),
        False,
        "entity",
        asked,
        told,
    )
    yield _example(question, one, False, "heading", asked, told)
    for said in {asked, told}:
        yield _example(
            question, text, True, "answer", asked, told, answer=tell[said].format(n=one, x=x[said])
        )
        yield _example(
            question, text, False, "entity", asked, told, answer=tell[said].format(n=one, x=y[said])
        )
        yield _example(
            question,
            other,
            False,
            "entity",
            asked,
            told,
            answer=tell[said].format(n=one, x=y[said]),
        )
    yield _example(question, text, False, "entity", asked, told, answer=y[asked])
    yield _example(question, text, True, "answer", asked, told, answer=x[asked])


def whereabouts(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """Who, where, when: one place's hours and team among others'."""
    places, teams = _drawn(random, facts.PLACES, 4), _drawn(random, facts.TEAMS, 4)
    absent = places.pop()
    opens, closes = facts.several(random, facts.clock, 4), facts.several(random, facts.clock, 4)
    days, people = _drawn(random, facts.WEEKDAYS, 4), _drawn(random, facts.PEOPLE, 4)
    form = random.randrange(4)
    tell, ask, values = (
        (Pair("{p}在 {x} 开门。", "The {p} opens at {x}."), Pair("{p}几点开门？", "When does the {p} open?"), [Pair(t, t) for t in opens]),
        (Pair("{p}由{x}负责。", "{x} is responsible for the {p}."), Pair("谁负责{p}？", "Who is responsible for the {p}?"), teams),
        (Pair("{p}每逢{x}打扫。", "The {p} is cleaned on {x}."), Pair("{p}在星期几打扫？", "On which day is the {p} cleaned?"), days),
        (Pair("{p}的钥匙由{x}保管。", "The key of the {p} is kept by {x}."), Pair("{p}的钥匙在谁那里？", "Who keeps the key of the {p}?"), people),
    )[form]  # fmt: skip
    sentences = [
        tell[told].format(p=p[told], x=v[told]) for p, v in zip(places, values, strict=False)
    ]
    question = ask[asked].format(p=places[0][asked])
    text = _under(
        random, told, Pair("厂区须知", "Site guide")[told], _join(random, told, sentences)
    )
    rest = _join(random, told, sentences[1:])
    yield _example(question, text, True, "answer", asked, told, points=values[0][told])
    yield _example(question, rest, False, "cut", asked, told)
    yield _example(ask[asked].format(p=absent[asked]), text, False, "entity", asked, told)
    heading = f"{Pair('厂区须知', 'Site guide')[told]} › {places[0][told]}"
    yield _example(question, heading, False, "heading", asked, told)
    if form == 0:
        shut = Pair("{p}在 {x} 关门。", "The {p} closes at {x}.")[told].format(
            p=places[0][told], x=closes[0]
        )
        yield _example(
            question, _join(random, told, [shut, *sentences[1:]]), False, "roles", asked, told
        )
    for said in {asked, told}:
        for right, value in ((True, values[0]), (False, values[1])):
            kind: Kind = "answer" if right else "entity"
            full = tell[said].format(p=places[0][said], x=value[said])
            yield _example(question, text, right, kind, asked, told, answer=full)
    yield _example(question, text, True, "answer", asked, told, answer=values[0][asked])
    yield _example(question, text, False, "entity", asked, told, answer=values[2][asked])
    yield _example(question, text, False, "heading", asked, told, answer=heading)


def procedures(random: Random, asked: Language, told: Language) -> Iterator[Example]:
    """How-to and list questions; wrong: another procedure, the announcement or the heading alone."""
    thing, other = _drawn(random, facts.THINGS, 2)
    task, another = _drawn(random, facts.TASKS, 2)
    steps = _drawn(random, facts.STEPS, random.randint(3, 6))
    title = Pair(f"{task.zh}{thing.zh}", f"How to {task.en} the {thing.en}")
    lead = Pair(
        f"{task.zh}{thing.zh}的步骤如下：", f"To {task.en} the {thing.en}, proceed as follows:"
    )
    lines = [
        f"{place}. {step[told][0].upper()}{step[told][1:]}" for place, step in enumerate(steps, 1)
    ]
    ask = random.choice((
        Pair(f"怎样{task.zh}{thing.zh}？", f"How do I {task.en} the {thing.en}?"),
        Pair(f"列出{task.zh}{thing.zh}的所有步骤。", f"List all steps to {task.en} the {thing.en}."),
        Pair(f"{task.zh}{thing.zh}有哪些步骤？", f"What are the steps to {task.en} the {thing.en}?"),
    ))[asked]  # fmt: skip
    listed = "\n".join(lines)
    text = f"{lead[told]}\n{listed}" if random.random() < 0.6 else f"{title[told]}\n{listed}"
    yield _example(ask, text, True, "answer", asked, told)
    yield _example(ask, title[told], False, "heading", asked, told)
    yield _example(ask, lead[told], False, "list", asked, told)
    wrong_thing = text.replace(thing[told], other[told])
    wrong_task = text.replace(task[told], another[told])
    yield _example(ask, wrong_thing, False, "entity", asked, told)
    yield _example(ask, wrong_task, False, "list", asked, told)
    at = random.randrange(len(steps))
    order = Pair(
        f"{task.zh}{thing.zh}的第 {at + 1} 步是什么？",
        f"What is step {at + 1} to {task.en} the {thing.en}?",
    )[asked]
    yield _example(order, text, True, "answer", asked, told, points=steps[at][told][told == "en" :])
    yield _example(order, text, True, "answer", asked, told, answer=steps[at][asked])
    yield _example(
        order, text, False, "number", asked, told, answer=steps[(at + 1) % len(steps)][asked]
    )
    yield _example(
        ask,
        text,
        True,
        "answer",
        asked,
        told,
        answer=Pair("；", "; ")[asked].join(s[asked] for s in steps),
    )
    yield _example(ask, text, False, "heading", asked, told, answer=title[told])


_ALL: Final[tuple[Make, ...]] = (
    fault_table, property_table, key_values, roles, limits, rules, versions, neighbours, whereabouts, procedures,
)  # fmt: skip
