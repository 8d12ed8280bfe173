"""A sync's failures are told in the reader's language, now and when they were kept."""

import json

import pytest

from app.api.wire.syncs import DocumentDone, SyncReport, wire_sync_event
from app.errors import DocumentTooLarge, Language, Phrase
from ingest import report
from ingest.prepare import failed_document

WORDS: dict[Language, str] = {
    "en": "a.txt is too large: more than 99 bytes (GROUNDKB_MAX_FILE_BYTES)",
    "zh": "a.txt 过大：超过 99 字节（GROUNDKB_MAX_FILE_BYTES）",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_failures_of_a_sync(language: Language) -> None:
    error = DocumentTooLarge(path="a.txt", detail=Phrase("more_bytes_than_set", limit=99))
    failure = failed_document("file:///a.txt", error)
    done = wire_sync_event(
        report.DocumentDone("file:///a.txt", "failed", failure=failure), language
    )
    assert isinstance(done, DocumentDone)
    assert done.message == WORDS[language]
    ended = report.SyncReport("kb", 0, 0, 0, 0, (failure,), 0, 0.1)
    told = wire_sync_event(ended, language)
    assert isinstance(told, SyncReport)
    assert told.failed[0].message == WORDS[language]
    assert told.failed[0].permanent
    kept = json.loads(json.dumps(ended.as_json()))
    assert SyncReport.of_kept(kept, language) == told
