"""Judged answers as instruction data: what the chat model was shown, and what it should have said.

Messages as LoRA tools read them, one JSON object a line, with the passages in the prompt's own
form, so that what is learnt is how to answer from passages and when to refuse, not the documents.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from app.answering.curated import state_of
from app.answering.fence import neutralise
from app.answering.prompts import Prompts
from app.errors import Language
from app.library.feedback import FeedbackRow
from app.library.library import Library
from app.library.stored import StoredAnswer
from app.text.language import detect_language

# Passages of a refusal that are shown: as many as a prompt usually has.
_PASSAGES: Final = 4


def instructions(rows: Iterable[FeedbackRow], prompts: Prompts) -> Iterator[dict[str, Any]]:
    """One for each question, by its latest judgement: answers found helpful, refusals found right, and
    answers of which a user says that they should have been refused, as refusals. What else is
    unhelpful is left out: it says what is wrong, not what would be right.
    """
    for row in {row.question: row for row in rows}.values():
        answer = row.answer
        if answer is None:
            continue
        language: Language = "zh" if answer.language == "zh" else "en"
        refusal = prompts.refusal(language)
        if row.helpful and answer.answered and answer.citations:
            said = answer.answer
        elif (row.helpful and not answer.answered) or row.reason == "should_refuse":
            said = refusal
        else:
            continue
        form = prompts.render("form-fact", language)
        context = _context(answer)
        if not context:
            continue
        query = neutralise(row.question)
        user = prompts.render("answer", language, context=context, query=query, form=form)
        yield {
            "messages": [
                {"role": "system", "content": prompts.render("system", language, refusal=refusal)},
                {"role": "user", "content": user},
                {"role": "assistant", "content": said},
            ],
            "id": row.id,
            "answerable": said != refusal,
            "citations": [
                {
                    "marker": item.marker,
                    "document_id": item.document_id,
                    "source": item.source,
                    "quote": item.quote,
                }
                for item in (answer.citations if said != refusal else ())
            ],
        }


def of_curated(library: Library, kb: str, prompts: Prompts) -> Iterator[dict[str, Any]]:
    """One for each answer that an owner wrote and whose quotes stand: its quotes' paragraphs are what is
    shown. Raises LibraryUnavailable."""
    for row in library.curated.of(kb):
        if state_of(library, row) == "withheld":
            continue
        language = detect_language(row.question)
        documents = [library.document(kb, quote.document_id) for quote in row.quotes]
        context = "\n\n".join(
            f"[{n}] {neutralise(document.title)}\n"
            f"{neutralise(_paragraph(library.text(kb, document.id), quote.quote))}"
            for n, (document, quote) in enumerate(zip(documents, row.quotes, strict=True), 1)
        )
        form = prompts.render("form-fact", language)
        query = neutralise(row.question)
        user = prompts.render("answer", language, context=context, query=query, form=form)
        refusal = prompts.refusal(language)
        yield {
            "messages": [
                {"role": "system", "content": prompts.render("system", language, refusal=refusal)},
                {"role": "user", "content": user},
                {"role": "assistant", "content": row.answer},
            ],
            "id": row.id,
            "answerable": True,
            "citations": [
                {
                    "marker": n,
                    "document_id": document.id,
                    "source": document.source,
                    "quote": quote.quote,
                }
                for n, (document, quote) in enumerate(zip(documents, row.quotes, strict=True), 1)
            ],
        }


def _paragraph(text: str, quote: str) -> str:
    """What stands around the quote up to the next empty lines."""
    start = text.index(quote)
    begins = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0
    ends = text.find("\n\n", start + len(quote))
    return text[begins : ends if ends >= 0 else len(text)].strip()


def _context(answer: StoredAnswer) -> str:
    """The passages that were shown, under the numbers by which the answer cites them."""
    shown = [item for item in answer.retrieved if item.shown] or answer.retrieved[:_PASSAGES]
    number = {item.chunk_id: item.marker for item in reversed(answer.citations)}
    unused = (n for n in range(1, 1_000) if n not in set(number.values()))
    numbered = sorted(
        (number.get(item.chunk_id) or next(unused), item.title, item.text) for item in shown
    )
    return "\n\n".join(
        f"[{n}] {neutralise(title)}\n{neutralise(text)}" for n, title, text in numbered
    )
