"""Checking an answer statement by statement while it is being written.

What `take` and `end` return, joined, is the answer: nothing of it is changed or taken back later.
"""

import re
from collections.abc import Sequence

from app.answering.answer import Citation, Statement
from app.answering.evidence.context import row_cells
from app.answering.evidence.judge import Judge
from app.answering.evidence.links import inert
from app.answering.evidence.match import Evidence
from app.answering.evidence.quotations import find_quotations
from app.answering.evidence.segments import Segment, Segmenter
from app.answering.evidence.statements import DraftStatement, bare_assent, cut
from app.answering.evidence.units import units
from app.answering.evidence.verify import Verification, cite
from app.answering.refusal import is_denial
from app.text.lines import is_table_row

# What carries others (a heading, 'The steps are:') is shown with them if so much of it stands in the
# question or the passages: it is the model's own words, and may be an order that a document gave it.
_CARRIES = 0.5
_TITLE = re.compile(r"#{1,6}\s|\*\*[^*]+\*\*[:：]?\Z")


def _is_delimiter(text: str) -> bool:
    """Whether it is the line between a Markdown table's column names and its rows."""
    return is_table_row(text) and not any(character.isalnum() for character in text)


class Checker:
    """One answer. With `strict` what the documents do not bear out is left out, and so is what
    carried nothing; without, all is shown and the statements tell."""

    def __init__(self, judge: Judge, *, strict: bool) -> None:
        self._judge, self._strict = judge, strict
        self._segmenter = Segmenter()
        self._pending: list[tuple[str, str]] = []  # (white space, text) that waits for a statement
        self._assent: tuple[str, bool, tuple[int, ...]] | None = None
        self._lead = ""
        self._columns: tuple[str, ...] = ()
        self._answer = ""
        self._statements: list[Statement] = []
        self._citations: dict[tuple[str, str, int, int], Citation] = {}
        self._unverified: list[tuple[int, int]] = []
        self._core: list[bool] = []
        self._about: float | None = 0.0
        self.left_out = 0
        self.denied_first = False
        # Whether the answer was a mere 'yes' or 'no' that the documents bear out.
        self.assented = False
        self._said: set[str] = set()
        self.repeated = 0

    @property
    def answer(self) -> str:
        """What was given out so far."""
        return self._answer

    @property
    def core_failed(self) -> bool:
        """Whether the first statement is not borne out."""
        return bool(self._core) and not self._core[0]

    def take(self, text: str) -> list[Segment]:
        """What is complete now and is to be given to `check`, in this order."""
        return self._segmenter.take(text)

    def end(self) -> list[Segment]:
        """The rest, to be given to `check`; then `close`."""
        return self._segmenter.end()

    def restart(self) -> None:
        """Forget a draft that broke off. Only while nothing was given out."""
        if self._answer:
            raise ValueError("what was given out cannot be taken back")
        judge, strict = self._judge, self._strict
        self.__init__(judge, strict=strict)  # type: ignore[misc]

    def next_part(self) -> None:
        """What comes now is another draft, which goes on from what was given out."""
        self.denied_first = False
        self.repeated = 0
        self._pending = []
        self._columns = ()
        self._segmenter.take("\n" if self._answer else "")

    def check(self, segment: Segment) -> str:
        """What may be shown of this piece, marks in place; '' for nothing. Raises EmbeddingFailed,
        ReadingFailed."""
        self._lead = max(self._lead, segment.lead, key=_breaks)
        text, drafts = cut(segment.body)
        if not any(character.isalnum() for character in text) and not self._carries_table(text):
            return ""
        if not self._answer and not self._core and is_denial(text):
            # A refusal is one whatever is done with what the documents do not bear out.
            self.denied_first = True
            return ""
        assent = bare_assent(text)
        if assent is not None and not self._answer and self._assent is None and drafts:
            self._assent = (text, assent, drafts[0].marks)
            return ""
        claims = [draft for draft in drafts if draft.claim]
        if self._is_header(text) or _TITLE.match(text) or not claims:
            return self._carry(text)
        said = " ".join(text.split()).strip("-*• ").casefold()
        if said in self._said:
            # Said once is said; a small model may go round in circles.
            self.repeated += 1
            return ""
        self._said.add(said)
        found = [self._supported(text, draft) for draft in drafts]
        if not any(found) and self._leads_in(text):
            return self._carry(text)
        self._core.append(any(found))
        if not any(found):
            self._statement_without(claims)
            if self._strict:
                return ""
            # Shown and marked, but an address that no document holds is none here either.
            text, drafts = cut(inert(text, self._cited_texts()))
            return self._show(text, drafts, [()] * len(drafts))
        cited = {
            self._judge.material.passages[each.sentences[0].passage].text
            for evidence in found
            for each in evidence
        }
        safe = inert(text, [*cited, *self._cited_texts()])
        if safe != text:
            text, drafts = cut(safe)
            found = [self._supported(text, draft) for draft in drafts]
            if not any(found):
                self._statement_without(claims)
                return ""
        return self._show(text, drafts, found)

    def close(self) -> str:
        """What is left to show when all pieces are checked: an answer that is a mere 'yes'. With `strict` it is not
        shown, since the sentence that bears it out says what it leaves out: see `assented`."""
        if self._assent is None or self._answer:
            return ""
        text, affirmed, marks = self._assent
        found = self._judge.assents(affirmed, marks)
        self._assent = None
        self._core.append(bool(found))
        if found and self._strict:
            self.assented = True
            return ""
        draft = DraftStatement(0, len(text), self._judge.question, marks)
        if not found:
            self._statement_without([draft])
            if self._strict:
                return ""
        return self._show(text, (draft,), [found])

    def result(self) -> Verification:
        """All that was found; `answer` is what was given out."""
        statements = tuple(self._statements)
        total = len(statements) + (self.left_out if self._strict else 0)
        return Verification(
            answer=self._answer,
            statements=statements,
            citations=tuple(self._citations.values()),
            unverified_quotes=tuple(self._unverified),
            core_supported=bool(self._core) and self._core[0],
            support=sum(s.supported for s in statements) / total if total else 0.0,
            about=self._about,
        )

    def _supported(self, text: str, draft: DraftStatement) -> tuple[Evidence, ...]:
        quotations = find_quotations(text, self._judge.material.normal)
        if is_table_row(text) and self._columns:
            return self._row_supported(text, draft)
        return self._judge.support(draft, quotations)

    def _row_supported(self, text: str, draft: DraftStatement) -> tuple[Evidence, ...]:
        """Evidence for each cell of a table that the model wrote; empty unless all have it. A cell is
        read with the name of its row and of its column."""
        whole = self._judge.support(draft)
        if whole:
            return whole
        cells = [cell.strip(" *") for cell in row_cells(text)]
        found: list[Evidence] = []
        for place, cell in enumerate(cells[1:], start=1):
            if not any(character.isalnum() for character in cell):
                continue
            name = self._columns[place] if place < len(self._columns) else ""
            claim = f"{cells[0]} {name}: {cell}"
            evidence = self._judge.support(DraftStatement(0, len(text), claim, draft.marks))
            if not evidence:
                return ()
            found.extend(evidence)
        return tuple(found)

    def _statement_without(self, claims: Sequence[DraftStatement]) -> None:
        if self._strict:
            self.left_out += len(claims)

    def _cited_texts(self) -> list[str]:
        cited = {citation.chunk_id for citation in self._citations.values()}
        return [p.text for p in self._judge.material.passages if p.id in cited]

    def _carries_table(self, text: str) -> bool:
        return is_table_row(text) and bool(self._columns)

    def _is_header(self, text: str) -> bool:
        if not is_table_row(text):
            self._columns = ()
            return False
        if self._columns:
            return False
        self._columns = row_cells(text)
        return True

    def _carry(self, text: str) -> str:
        if not self._strict:
            return self._emit(text)
        if not is_denial(text) and self._known(text):
            if _is_delimiter(text) and not (self._pending and is_table_row(self._pending[-1][1])):
                # The names of the columns were left out: without any, the rows were no table.
                self._pending.append((self._lead, "|" + " |" * len(row_cells(text))))
                self._lead = "\n"
            self._pending.append((self._lead, text))
            self._lead = ""
        return ""

    def _leads_in(self, text: str) -> bool:
        """Whether the text only says what follows: a line that ends with a colon, with no number of its own."""
        if not text.rstrip(" *_").endswith((":", "：")):
            return False
        known = self._judge.asked.numbers.union(*(w.numbers for w in self._judge.material.whole))
        return units(text).numbers <= known

    def _known(self, text: str) -> bool:
        wanted = units(text).words
        if not wanted:
            return True
        held = self._judge.asked.words.union(*(whole.words for whole in self._judge.material.whole))
        return len(wanted & held) >= _CARRIES * len(wanted)

    def _show(
        self, text: str, drafts: Sequence[DraftStatement], found: Sequence[tuple[Evidence, ...]]
    ) -> str:
        """Put the marks in and give the text out, with what waited for it."""
        before = self._led_in()
        lead = self._lead if self._answer or before else ""
        self._lead = ""
        start = len(self._answer) + len(before) + len(lead)
        pieces: list[str] = []
        position = shift = 0
        for draft, evidence in zip(drafts, found, strict=True):
            if not draft.claim and not evidence:
                continue
            if evidence and not self._citations:
                first = evidence[0].sentences[0]
                same = self._judge.material.languages[first.passage] == self._judge.language
                self._about = evidence[0].about if same else None
            numbers = dict.fromkeys(cite(self._citations, evidence, self._judge.material))
            mark = "".join(f"[{number}]" for number in numbers)
            end = _mark_place(text, draft.end)
            if end < draft.end and mark:
                mark = f" {mark}"
            self._statements.append(
                Statement(
                    start + draft.start + shift, start + end + shift, bool(evidence), tuple(numbers)
                )
            )
            pieces += [text[position:end], mark]
            position = end
            shift += len(mark)
        pieces.append(text[position:])
        shown = "".join(pieces)
        for quotation in find_quotations(text, self._judge.material.normal):
            if quotation.found is None:
                place = shown.find(text[quotation.start : quotation.end])
                if place >= 0:
                    size = quotation.end - quotation.start
                    self._unverified.append((start + place, start + place + size))
        given = before + lead + shown
        self._answer += given
        return given

    def _led_in(self) -> str:
        """The assent, headings and lead-ins that waited for a statement that is borne out."""
        given = ""
        if self._assent is not None:
            text, affirmed, marks = self._assent
            self._assent = None
            evidence = self._judge.assents(affirmed, marks) or ()
            if evidence or not self._strict:
                given += text
        for lead, text in self._pending:
            given += (lead if self._answer or given else "") + text
        self._pending = []
        return inert(given, self._cited_texts())

    def _emit(self, text: str) -> str:
        given = (self._lead if self._answer else "") + inert(text, self._cited_texts())
        self._lead = ""
        self._answer += given
        return given


def _mark_place(text: str, end: int) -> int:
    """Where a mark goes: behind the sentence, but inside the last cell of a row."""
    if is_table_row(text) and text[:end].rstrip().endswith("|"):
        return len(text[:end].rstrip()[:-1].rstrip())
    return end


def _breaks(lead: str) -> tuple[int, int]:
    return lead.count("\n"), len(lead)
