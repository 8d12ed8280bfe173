"""What a caller has to be allowed to do, for each route: the one table of it.

A route that is missing here is the operator's alone, and fails a test.
"""

from collections.abc import Mapping
from typing import Final, Literal

from app.library.people import Scope

# `all`: an admin of everything, not of one knowledge base, by a key for all. `operator`: who could read the token in the library's folder, or has a key of
# GROUNDKB_OPERATOR_KEYS; with accounts any admin, too.
# `person`: somebody signed in, by no key: who has one key cannot make others of it.
Need = Literal[Scope, "all", "operator", "person"]

NEEDS: Final[Mapping[tuple[str, str], Need]] = {
    ("POST", "/ask"): "ask",
    ("POST", "/search"): "ask",
    ("GET", "/conversations"): "ask",
    ("POST", "/conversations"): "ask",
    ("GET", "/conversations/{conversation_id}"): "ask",
    ("PATCH", "/conversations/{conversation_id}"): "ask",
    ("DELETE", "/conversations/{conversation_id}"): "ask",
    ("POST", "/conversations/{conversation_id}/restore"): "ask",
    ("POST", "/conversations/{conversation_id}/share"): "ask",
    ("DELETE", "/conversations/{conversation_id}/share"): "ask",
    ("POST", "/shared-conversations"): "ask",
    ("GET", "/conversations/{conversation_id}/turns/{turn_id}"): "ask",
    ("DELETE", "/conversations/{conversation_id}/turns/{turn_id}"): "ask",
    ("GET", "/conversations/{conversation_id}/turns/{turn_id}/events"): "ask",
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/stop"): "ask",
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/show"): "ask",
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/restore"): "ask",
    ("POST", "/feedback"): "ask",
    ("DELETE", "/feedback/{feedback_id}"): "ask",
    # What everybody asked and judged.
    ("GET", "/feedback/export"): "all",
    ("GET", "/gaps"): "all",
    # Holds what everybody asked; which model answers is the server's.
    ("GET", "/shadow"): "all",
    ("GET", "/models/advice"): "all",
    ("GET", "/models/pull"): "all",
    # Fetches gigabytes to the server's machine.
    ("POST", "/models/pull"): "operator",
    ("POST", "/shadow"): "operator",
    ("DELETE", "/shadow"): "operator",
    ("POST", "/shadow/promotion"): "operator",
    ("GET", "/knowledge-bases"): "read",
    ("POST", "/knowledge-bases"): "all",
    ("GET", "/knowledge-bases/{kb}"): "read",
    ("PATCH", "/knowledge-bases/{kb}"): "admin",
    ("DELETE", "/knowledge-bases/{kb}"): "operator",
    ("GET", "/knowledge-bases/{kb}/examples"): "read",
    # Their quotes are of documents that not everybody may read.
    ("GET", "/knowledge-bases/{kb}/curated-answers"): "all",
    ("POST", "/knowledge-bases/{kb}/curated-answers"): "all",
    ("DELETE", "/knowledge-bases/{kb}/curated-answers/{answer_id}"): "all",
    ("GET", "/documents"): "read",
    ("POST", "/documents"): "write",
    ("GET", "/documents/{document_id}"): "read",
    ("DELETE", "/documents/{document_id}"): "write",
    ("POST", "/documents/delete"): "write",
    ("POST", "/documents/restore"): "write",
    ("POST", "/documents/tags"): "write",
    ("PUT", "/documents/{document_id}/tags"): "write",
    ("POST", "/documents/{document_id}/retry"): "write",
    ("GET", "/documents/{document_id}/text"): "read",
    ("GET", "/documents/{document_id}/chunks"): "read",
    ("GET", "/documents/{document_id}/original"): "read",
    ("GET", "/scopes"): "read",
    # A job is shown to whoever uploaded its file, and to admins.
    ("GET", "/jobs"): "read",
    ("GET", "/jobs/{job_id}"): "read",
    ("GET", "/jobs/{job_id}/events"): "read",
    # Whose it is also has to be allowed to write to the job's knowledge base.
    ("POST", "/jobs/{job_id}/cancel"): "read",
    ("POST", "/jobs/{job_id}/retry"): "read",
    # Sources name folders of the server's machine; their syncs' reports name documents.
    ("GET", "/sources"): "all",
    ("POST", "/sources"): "operator",
    ("PATCH", "/sources/{source_id}"): "operator",
    ("DELETE", "/sources/{source_id}"): "operator",
    ("POST", "/sources/{source_id}/restore"): "operator",
    ("POST", "/sources/{source_id}/sync"): "all",
    ("POST", "/sync"): "operator",
    ("POST", "/reindex"): "operator",
    ("DELETE", "/reindex/previous"): "operator",
    ("POST", "/backup"): "operator",
    ("GET", "/v1/models"): "read",
    ("POST", "/v1/chat/completions"): "ask",
    ("POST", "/v1/embeddings"): "ask",
    ("GET", "/audit"): "all",
    ("GET", "/rights"): "operator",
    ("PUT", "/rights"): "operator",
    ("PUT", "/rights/address"): "operator",
    ("PUT", "/documents/{document_id}/groups"): "operator",
    ("GET", "/metrics"): "all",
    ("GET", "/me"): "read",
    ("GET", "/me/keys"): "person",
    ("POST", "/me/keys"): "person",
    ("DELETE", "/me/keys/{key_id}"): "person",
    ("POST", "/me/password"): "person",
    ("GET", "/people"): "operator",
    ("POST", "/people"): "operator",
    ("PATCH", "/people/{person_id}"): "operator",
    ("DELETE", "/people/{person_id}"): "operator",
    ("POST", "/people/{person_id}/link"): "operator",
    ("GET", "/people/{person_id}/keys"): "operator",
    ("POST", "/people/{person_id}/keys"): "operator",
    ("DELETE", "/people/{person_id}/keys/{key_id}"): "operator",
    ("GET", "/groups"): "operator",
}


def need_of(method: str, path: str) -> Need:
    """`path` is the route's template."""
    return NEEDS.get((method, path), "operator")
