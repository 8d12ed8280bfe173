"""Names of collections: equal for equal fingerprints, different for any difference."""

from dataclasses import replace

import pytest

from app.index.fingerprint import (
    alias_name,
    collection_name,
    describe,
    digest,
    fingerprint_of,
    from_json,
    to_json,
)
from app.index.protocol import Fingerprint
from app.models.embedding import EmbeddingIdentity

E5 = EmbeddingIdentity("intfloat/multilingual-e5-small", "abc", 384, "query: ", "passage: ", True)
BASE = fingerprint_of(E5, "c1")
OTHERS = [
    fingerprint_of(E5, "c2"),
    *(
        fingerprint_of(replace(E5, **change), "c1")
        for change in (
            {"model": "other"},
            {"revision": "def"},
            {"dimension": 768},
            {"query_prefix": ""},
            {"passage_prefix": "文: "},
            {"normalised": False},
        )
    ),
]


def test_a_known_digest() -> None:
    # Collections on disk are named so: another value calls for a reindex of every library.
    assert collection_name("default", BASE) == "kb_default@40a0b50e647c"


@pytest.mark.parametrize("other", OTHERS)
def test_any_difference_gives_another_name_and_is_told(other: Fingerprint) -> None:
    assert digest(other) != digest(BASE)
    assert describe(other) != describe(BASE)


def test_versions_of_words_and_layout_are_part_of_it() -> None:
    assert BASE.chunking.startswith("c1.w")
    assert BASE.chunking.count(".") == 2


def test_it_comes_back_from_json() -> None:
    for one in (BASE, *OTHERS):
        assert from_json(to_json(one)) == one
    with pytest.raises((KeyError, TypeError)):
        from_json({"embedding": {"model": "x"}, "chunking": "c1"})


def test_no_alias_is_a_collection() -> None:
    assert alias_name("a") == "kb_a"
    assert "@" in collection_name("a", BASE)
