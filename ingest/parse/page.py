"""Which elements of an HTML page hold what its reader came for."""

import logging
from collections.abc import Iterator
from itertools import islice

import regex
from lxml import etree
from lxml.html import HtmlElement

from app.text.width import width

# trafilatura logs each page that it finds little in; `parse` reports failures itself.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

NOT_TEXT = frozenset(
    "script style template noscript iframe object embed svg canvas audio video head button input"
    " select textarea dialog map rp datalist title".split()
)
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption"
    " figure footer form header hgroup hr html legend main menu nav ol p section summary tbody td"
    " tfoot th thead tr ul".split()
)
_AROUND = frozenset("nav menu".split())
_ASIDE = frozenset("aside footer".split())  # goes if it is mostly links
_A_FORM = 0.3  # of a page's text: some systems put all of a page into a form
_AROUND_ROLES = frozenset("navigation banner contentinfo search complementary dialog alert".split())
_HIDING_STYLE = regex.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*(?:\.0+)?\s*(?:;|$|!)"
    r"|font-size\s*:\s*0*(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|$|!)"
    r"|(?:^|;)\s*(?:max-)?(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$|!)"
    r"|(?:left|top|text-indent)\s*:\s*-\s*\d{3,}|clip\s*:\s*rect\(\s*[01]",
    regex.IGNORECASE,
)
# What scripts undo once the page has loaded.
_UNTIL_LOADED = regex.compile(
    r"visibility\s*:\s*hidden|opacity\s*:\s*0*(?:\.0+)?\s*(?:;|$|!)", regex.IGNORECASE
)
_MOST_OF_PAGE, _FEWEST_SHOWN, _MOST_VEILED = 0.8, 200, 20  # share, characters, elements looked at
_SPANS = ("colspan", "rowspan")
_STRUCK = frozenset(("s", "strike", "del"))
_STRIKING_STYLE = regex.compile(
    r"text-decoration(?:-line)?\s*:[^;:]{0,80}\bline-through\b", regex.IGNORECASE
)
_COLOUR = regex.compile(r"(?:^|;)\s*color\s*:\s*([^;]+)", regex.IGNORECASE)
_BACKGROUND = regex.compile(r"background(?:-color)?\s*:\s*([^;]+)", regex.IGNORECASE)
_WHITE = regex.compile(
    r"(?:white|snow|ivory|(?:ghost|floral)white|#(?:[ef]{3}|(?:[ef][0-9a-f]){3})(?:f|ff)?"
    r"|rgba?\(\s*(?:2[3-5]\d[\s,]+){2}2[3-5]\d\s*(?:[,/]\s*(?:1|1\.0|100%)\s*)?\))\s*(?:!|$)",
    regex.IGNORECASE,
)
_HIDING_CLASS = regex.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text|d-none|hidden)(?:\s|$)"
)
_BRACE = regex.compile(r"[{}]")
_LONGEST_STYLE = 4_000  # characters of one rule that are looked at
_LOOKED_AT = 50  # pieces of text
_FREE_SQUARES = 20_000
_SQUARES_A_CELL = 20
_ITEMS = frozenset("td th tr li option".split())
_SIMPLE_SELECTOR = regex.compile(r"\s*([.#])([\w-]+)\s*$")
_LEAVES = "p li td th h1 h2 h3 h4 h5 h6 pre dt dd blockquote figcaption".split()
_BOILERPLATE = regex.compile(
    r"cookie|consent|gdpr|breadcrumb|sidebar|share|social|related|recommend|advert|\bads?\b|promo"
    r"|newsletter|subscribe|popup|modal|pagination|pager|comment|footer|navbar|\bnav\b|menu|login",
    regex.IGNORECASE,
)
_LARGEST_PAGE = 2_000_000  # characters; of larger ones the whole body is taken


def drop_hidden(tree: HtmlElement) -> int:
    """Take out what a reader of the page does not see, and what is no text; returns how many
    hidden elements with words in them that were."""
    _unveil(tree)
    hiding = _selectors(tree, _HIDING_STYLE)
    on_white = _on_white(tree)
    doomed: list[HtmlElement] = []
    hidden = 0
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in NOT_TEXT:
            doomed.append(element)
        elif (
            is_hidden(element)
            or (hiding and _selected(element, hiding))
            or (on_white and _white_on_white(element))
        ):
            doomed.append(element)
            hidden += any(text.strip() for text in islice(element.itertext(), _LOOKED_AT))
    for element in doomed:
        if element.tag in ("html", "body") or element.getparent() is None:
            continue
        if element.tag in _ITEMS:
            element.drop_tree()
        else:
            _empty(element)
    return hidden


def _unveil(tree: HtmlElement) -> None:
    """Show what holds most of a page and is invisible only until its script has run, as the articles of
    WeChat are."""
    veiled = []
    for element in tree.iter():
        if _UNTIL_LOADED.search((element.get("style") or "")[:_LONGEST_STYLE]):
            veiled.append(element)
            if len(veiled) == _MOST_VEILED:
                break
    if veiled:
        whole = _said(tree)
        for element in veiled:
            said = _said(element)
            if said >= _FEWEST_SHOWN and said >= _MOST_OF_PAGE * whole:
                del element.attrib["style"]


def _said(element: HtmlElement) -> int:
    """Characters that an element says to a reader."""
    inner = sum(
        len((e.text or "").strip()) * (e.tag not in NOT_TEXT) + len((e.tail or "").strip())
        for e in element.iter()
    )
    return inner - len((element.tail or "").strip())


def striking_selectors(tree: HtmlElement) -> frozenset[str]:
    """Those by which the page's own style sheets draw a line through text, while these are there."""
    return _selectors(tree, _STRIKING_STYLE)


def drop_struck(tree: HtmlElement, striking: frozenset[str]) -> Iterator[str]:
    """Take out what a mark, a style or one of the selectors draws a line through; gives its words."""
    walk = etree.iterwalk(tree, events=("start",))
    doomed: list[HtmlElement] = []
    for _, element in walk:
        if (
            element.tag in _STRUCK
            or _STRIKING_STYLE.search((element.get("style") or "")[:_LONGEST_STYLE])
            or (striking and _selected(element, striking))
        ):
            doomed.append(element)
            walk.skip_subtree()
    for element in doomed:
        yield " ".join(element.itertext())
        spans = {name: element.attrib[name] for name in _SPANS if name in element.attrib}
        _empty(element)
        element.attrib.update(spans)  # the cell itself stays


def _empty(element: HtmlElement) -> None:
    """In its place: taking out many, each with the text behind it put elsewhere, would copy that
    text again for each."""
    tail = element.tail
    element.clear()
    element.tail = tail
    if element.tag not in BLOCKS and element.tag not in _ITEMS:
        element.tag = "span"


def bound_spans(tree: HtmlElement) -> None:
    """Take away spans that claim more than a table holds: a few bytes can claim a million
    squares, and each reader of the tree would make them."""
    squares = cells = 0
    for cell in tree.iter("td", "th"):
        cells += 1
        spans = [cell.get("colspan"), cell.get("rowspan")]
        if spans == [None, None]:
            continue
        across, down = (int(s) if s and s.isdecimal() and len(s) < 6 else 1 for s in spans)
        squares += across * down
        if squares > _SQUARES_A_CELL * cells + _FREE_SQUARES:
            for name in ("colspan", "rowspan"):
                cell.attrib.pop(name, None)


def _selectors(tree: HtmlElement, style: regex.Pattern[str]) -> frozenset[str]:
    """'.class' and '#id' that the page's own style sheets give such a style (rules for media left out)."""
    found: set[str] = set()
    for sheet in tree.iter("style"):
        for selectors, body in _rules(sheet.text or ""):
            if style.search(body[:_LONGEST_STYLE]):
                for selector in selectors[-_LONGEST_STYLE:].split(","):
                    if simple := _SIMPLE_SELECTOR.match(selector):
                        found.add(simple.group(1) + simple.group(2))
    return frozenset(found)


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """(selectors, body) of each rule at the outer level, in one pass over the sheet."""
    depth, begin, selectors = 0, 0, ""
    for brace in _BRACE.finditer(sheet):
        if brace.group() == "{":
            if not depth:
                selectors = sheet[begin : brace.start()].rpartition("*/")[2].rpartition(";")[2]
            depth += 1
        elif depth:
            depth -= 1
            if not depth and not selectors.lstrip().startswith("@"):
                yield selectors, sheet[begin : brace.start()]
        begin = brace.end()


def _selected(element: HtmlElement, selectors: frozenset[str]) -> bool:
    names = {f".{name}" for name in (element.get("class") or "").split()}
    return not selectors.isdisjoint(names | {f"#{element.get('id')}"})


def is_hidden(element: HtmlElement) -> bool:
    """Whether the element itself says that it is not shown."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    classes = element.get("class")
    if classes and _HIDING_CLASS.search(classes):
        return True
    style = (element.get("style") or "")[:_LONGEST_STYLE]
    if not style:
        return False
    colour, background = _COLOUR.search(style), _BACKGROUND.search(style)
    same = colour and background and colour.group(1).strip() == background.group(1).strip()
    return bool(same) or _HIDING_STYLE.search(style) is not None


def _on_white(tree: HtmlElement) -> bool:
    """Whether nothing but an element's own style can give it another background than a browser's white."""
    if any("stylesheet" in (link.get("rel") or "").lower() for link in tree.iter("link")):
        return False
    return not any("background" in (sheet.text or "").lower() for sheet in tree.iter("style"))


def _white_on_white(element: HtmlElement) -> bool:
    style = (element.get("style") or "")[:_LONGEST_STYLE]
    colour = _COLOUR.search(style)
    named = colour.group(1) if colour else element.get("color") if element.tag == "font" else None
    if not named or not _WHITE.match(named.strip()):
        return False
    around = (element, *element.iterancestors())
    return not any(
        "background" in (e.get("style") or "").lower() or e.get("bgcolor") or e.get("background")
        for e in around
    )


def _drop_surroundings(element: HtmlElement) -> None:
    whole = len(element.text_content())
    around = [
        e
        for e in element.iter()
        if e.tag in _AROUND
        or e.get("role") in _AROUND_ROLES
        or (e.tag in _ASIDE and _is_links(e))
        or (e.tag == "form" and len(e.text_content()) < _A_FORM * whole)
    ]
    for e in around:
        if e is not element and e.getparent() is not None:
            e.drop_tree()


def _is_links(element: HtmlElement) -> bool:
    """Whether a part of the page is there to lead elsewhere."""
    name = f"{element.get('class') or ''} {element.get('id') or ''}"
    text = width("".join(element.text_content().split()))
    return _BOILERPLATE.search(name) is not None or 2 * _unlinked(element) < text


def content(tree: HtmlElement) -> HtmlElement:
    """The element that holds the content; what surrounds it within is dropped from the tree."""
    body = tree.find("body") if tree.find("body") is not None else tree
    marked = body.xpath(".//main | .//*[@role='main']") or body.xpath(".//article")
    if len(marked) == 1 and len(marked[0].text_content().strip()) > 100:
        _drop_surroundings(marked[0])
        return marked[0]
    found = _main_text(tree)
    _drop_surroundings(body)
    if found:
        return _holder(body, found)
    return body


def _main_text(tree: HtmlElement) -> str:
    """What trafilatura takes for the content, without white space; '' if it finds little."""
    if sum(len(text) for text in tree.itertext()) > _LARGEST_PAGE:
        return ""
    # Imported here: it takes a third of a second and brings a date parser with its locales,
    # and pages that mark their content do not need it.
    from trafilatura import extract

    found = extract(tree, include_comments=False, include_tables=True, favor_recall=True)
    return "".join((found or "").split())


def _holder(body: HtmlElement, found: str) -> HtmlElement:
    """The smallest element that holds nearly all of the text `found`, tidied.

    trafilatura's own output loses heading levels, inline code and spanned cells, so it only
    decides where the content is; the page's elements give the structure.
    """
    weights: dict[HtmlElement, int] = {}
    for leaf in body.iter(*_LEAVES):
        text = "".join(leaf.text_content().split())
        if text and text in found:
            weight = width(text)
            for element in (leaf, *leaf.iterancestors()):
                weights[element] = weights.get(element, 0) + weight
    total = weights.get(body, 0)
    if total < 0.3 * _unlinked(body):
        return body
    holder = body
    while True:
        inner = next((e for e in holder if weights.get(e, 0) >= 0.95 * total), None)
        if inner is None or inner.tag not in BLOCKS or inner.tag in ("ul", "ol", "table", "p"):
            break
        holder = inner
    for e in list(holder.iter()):
        name = f"{e.get('class') or ''} {e.get('id') or ''}"
        unmatched = e is not holder and e not in weights
        if unmatched and _BOILERPLATE.search(name) and e.getparent() is not None:
            e.drop_tree()
    return holder


def _unlinked(element: HtmlElement) -> int:
    """Width of the text outside links: a list of links is rarely content."""
    linked = sum(width("".join(a.text_content().split())) for a in element.iter("a"))
    return width("".join(element.text_content().split())) - linked
