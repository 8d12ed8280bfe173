"""What every store must do alike: Edge, the client's memory mode, a server when there is one."""

from dataclasses import replace

import numpy as np
import pytest

from app.errors import IndexFailed, IndexMismatch
from app.index.fingerprint import collection_name, ensure_current, fingerprint_of, open_current
from app.index.protocol import Filter, Index, Mode, Passage, Place, Query, VectorStore
from app.index.sparse import SparseEncoder
from tests.index.material import DIMENSION, EMBEDDER, FINGERPRINT, passage, point, question

embed = EMBEDDER.embed_query

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

MODES: tuple[Mode, ...] = ("hybrid", "dense", "sparse")
OTHER = fingerprint_of(replace(EMBEDDER.identity, model="another-model"), "c1")

LICENCE = passage(
    "models", 0, "DeepSeek-R1 is released under the MIT License. ", "Qwen3 uses Apache 2.0."
)
LENGTH = passage(
    "models", 1, "大模型的窗口各不相同。", "Yi-34B 的上下文长度是 4096 个词元。", language="zh"
)
MEMORY = passage(
    "running",
    0,
    "Quantised weights need a quarter of the memory. ",
    "A GPU is not required.",
    tags=("ops", "硬件"),
    page=3,
)
COFFEE = passage("kitchen", 0, "咖啡机每周清洗一次。", language="zh", tags=("office",))
ALL = (LICENCE, LENGTH, MEMORY, COFFEE)


@pytest.fixture
def index(vectors: VectorStore) -> Index:
    return ensure_current(vectors, "test", FINGERPRINT)


@pytest.fixture
def filled(index: Index, sparse: SparseEncoder) -> Index:
    index.upsert([point(one, sparse) for one in ALL])
    return index


def found(index: Index, query: Query) -> list[Passage]:
    return [hit.passage for hit in index.search(query)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("text", "wanted", "window"),
    [
        ("Under which license is DeepSeek-R1 released?", LICENCE, 0),
        ("Yi-34B 的上下文长度是多少？", LENGTH, 1),
        ("How much memory do quantised weights need?", MEMORY, 0),
        ("咖啡机多久清洗一次", COFFEE, 0),
    ],
)
def test_the_answering_passage_comes_first_with_its_window(
    filled: Index, sparse: SparseEncoder, mode: Mode, text: str, wanted: Passage, window: int
) -> None:
    hits = filled.search(question(text, sparse, mode))
    assert hits[0].passage == wanted  # every field came back, offsets and unicode included
    assert hits[0].best_window == window
    start, end = wanted.windows[window]
    sentence = wanted.text[start - wanted.start : end - wanted.start]
    assert hits[0].cosine == pytest.approx(float(embed(text) @ embed(sentence)), abs=2e-3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_scores_are_in_the_stated_ranges(filled: Index, sparse: SparseEncoder) -> None:
    text = "Under which license is DeepSeek-R1 released?"
    hybrid = filled.search(question(text, sparse))
    assert hybrid[0].passage == LICENCE
    assert all(-1 < hit.score < 4 for hit in hybrid)
    dense = filled.search(question(text, sparse, "dense"))
    assert all(hit.score == pytest.approx(hit.cosine, abs=2e-3) for hit in dense)
    words = filled.search(question(text, sparse, "sparse"))
    assert words[0].passage == LICENCE
    assert all(hit.score > 0 for hit in words)


def test_fusion_uses_both_lists(filled: Index, sparse: SparseEncoder) -> None:
    # Near to the coffee machine, but with the words of the licence.
    mixed = Query(embed("咖啡机每周清洗一次。"), sparse.encode_query("MIT License"), 2)
    assert {one.id for one in found(filled, mixed)} == {COFFEE.id, LICENCE.id}


def test_rare_words_weigh_more_than_common_ones(index: Index, sparse: SparseEncoder) -> None:
    common = [passage("many", n, f"The report about number {n}.") for n in range(20)]
    rare = passage("one", 0, "The zebra.")
    index.upsert([point(one, sparse) for one in [*common, rare]])
    assert found(index, question("the report zebra", sparse, "sparse"))[0] == rare


@pytest.mark.parametrize("mode", MODES)
def test_limit(filled: Index, sparse: SparseEncoder, mode: Mode) -> None:
    text = "license memory 长度 咖啡机"
    assert len(filled.search(question(text, sparse, mode, limit=2))) == 2


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_index_finds_nothing(index: Index, sparse: SparseEncoder, mode: Mode) -> None:
    assert index.search(question("anything", sparse, mode)) == []
    assert index.count() == 0
    assert index.revisions() == {}
    assert index.passages("models", "r1") == []


def test_a_question_without_words_still_has_a_meaning(filled: Index, sparse: SparseEncoder) -> None:
    assert filled.search(question("？！", sparse, "sparse")) == []
    assert len(filled.search(question("？！", sparse, "dense"))) == len(ALL)
    assert len(filled.search(question("？！", sparse, "hybrid"))) == len(ALL)


def test_a_passage_without_words_is_kept(index: Index, sparse: SparseEncoder) -> None:
    dashes = passage("odd", 0, "———")
    index.upsert([point(dashes, sparse)])
    assert index.passages("odd", "r1") == [dashes]
    assert found(index, question("———", sparse)) == [dashes]


@pytest.mark.parametrize("mode", MODES)
def test_filters(filled: Index, sparse: SparseEncoder, mode: Mode) -> None:
    text = "license memory 长度 咖啡机 released weights"

    def ids(chosen: Filter) -> set[str]:
        return {one.id for one in found(filled, question(text, sparse, mode, chosen=chosen))}

    assert ids(Filter(document_ids=("models",))) == {LICENCE.id, LENGTH.id}
    assert ids(Filter(document_ids=("models", "kitchen"))) == {LICENCE.id, LENGTH.id, COFFEE.id}
    assert ids(Filter(tags=("硬件", "office"))) == {MEMORY.id, COFFEE.id}
    assert ids(Filter(languages=("zh",))) == {LENGTH.id, COFFEE.id}
    assert ids(Filter(document_ids=("models",), languages=("zh",))) == {LENGTH.id}
    assert ids(Filter(tags=("unknown",))) == set()
    assert ids(Filter(without_documents=("models",))) == {MEMORY.id, COFFEE.id}
    assert ids(Filter(languages=("zh",), without_documents=("models",))) == {COFFEE.id}


def test_upsert_replaces(filled: Index, sparse: SparseEncoder) -> None:
    changed = replace(
        passage("kitchen", 0, "The kettle is descaled monthly. ", "Ask Kim."), id=COFFEE.id
    )
    filled.upsert([point(changed, sparse)])
    assert filled.count() == len(ALL)
    assert found(filled, question("kettle descaled", sparse))[0] == changed
    assert COFFEE not in found(filled, question("咖啡机每周清洗一次", sparse))
    assert filled.search(question("咖啡机", sparse, "sparse")) == []


def test_many_points_in_one_upsert(index: Index, sparse: SparseEncoder) -> None:
    many = [passage(f"d{n % 7}", n, f"Sentence {n}. ", f"句子{n}。") for n in range(1100)]
    index.upsert([point(one, sparse) for one in many])
    assert index.count() == 1100
    assert index.count("d3") == 157
    assert [one.ordinal for one in index.passages("d3", "r1")] == list(range(3, 1100, 7))
    assert sum(index.revisions().values()) == 1100


def test_an_empty_upsert_is_no_error(index: Index) -> None:
    index.upsert([])
    assert index.count() == 0


@pytest.mark.parametrize("case", ["rows", "none", "dimension", "nan"])
def test_a_point_that_cannot_be_right_is_refused_with_its_batch(
    index: Index, sparse: SparseEncoder, case: str
) -> None:
    good = point(LICENCE, sparse)
    if case == "rows":
        bad = replace(point(LENGTH, sparse), dense=good.dense[:1])
    elif case == "none":
        bad = replace(
            point(LENGTH, sparse), passage=replace(LENGTH, windows=()), dense=good.dense[:0]
        )
    elif case == "dimension":
        bad = replace(point(LENGTH, sparse), dense=np.ones((2, DIMENSION + 1), dtype=np.float32))
    else:
        bad = replace(good, dense=np.full_like(good.dense, np.nan))
    with pytest.raises(ValueError, match=bad.passage.id):
        index.upsert([good, bad])
    assert index.count() == 0


def test_revisions_are_counted_and_deleted_by_pair(filled: Index, sparse: SparseEncoder) -> None:
    second = passage("models", 0, "DeepSeek-R1 stays under the MIT License.", revision="r2")
    filled.upsert([point(second, sparse)])
    assert filled.revisions() == {
        ("models", "r1"): 2,
        ("models", "r2"): 1,
        ("running", "r1"): 1,
        ("kitchen", "r1"): 1,
    }
    assert filled.count("models") == 3
    assert filled.count("models", "r1") == 2
    assert filled.count("models", "r9") == 0

    filled.delete_revisions([("models", "r1"), ("unknown", "r1"), ("running", "r2")])
    assert filled.revisions() == {
        ("models", "r2"): 1,
        ("running", "r1"): 1,
        ("kitchen", "r1"): 1,
    }
    assert found(filled, question("DeepSeek-R1 MIT License", sparse))[0] == second
    assert filled.passages("models", "r1") == []
    filled.delete_revisions([])
    assert filled.count() == 3


def test_a_revision_alone_cannot_be_counted(filled: Index) -> None:
    with pytest.raises(ValueError, match="document"):
        filled.count(None, "r1")


def test_passages_come_in_order(index: Index, sparse: SparseEncoder) -> None:
    parts = [passage("book", n, f"Part {n}.") for n in range(12)]
    places = (Place(100, 1, ("Handbook",)), Place(104, 2, ("Handbook", "第二章")))
    parts[3] = replace(parts[3], page=2, places=places)
    index.upsert([point(one, sparse) for one in reversed(parts)])
    assert index.passages("book", "r1") == parts
    assert index.passages("book", "r2") == []


def test_tags_are_replaced_on_all_passages_of_the_document(
    filled: Index, sparse: SparseEncoder
) -> None:
    filled.set_tags("models", ["新", "b"])
    assert {one.tags for one in filled.passages("models", "r1")} == {("新", "b")}
    chosen = Filter(tags=("新",))
    assert len(found(filled, question("license 长度", sparse, "dense", chosen=chosen))) == 2
    filled.set_tags("running", [])
    assert found(filled, question("memory", sparse, chosen=Filter(tags=("ops",)))) == []
    filled.set_tags("unknown", ["x"])
    assert filled.count() == len(ALL)


@pytest.mark.parametrize("mode", MODES)
def test_what_a_document_is_limited_by_leaves_it_out(
    filled: Index, sparse: SparseEncoder, mode: Mode
) -> None:
    board, both = '[["board"]]', '[["board", "财务"], ["hr"]]'
    filled.set_access(board, ["models", "unknown"])
    filled.set_access(both, ["kitchen"])
    assert filled.access() == {board: 2, both: 1}

    def seen(*without: str) -> set[str]:
        wanted = question("DeepSeek-R1 license memory 咖啡机", sparse, mode=mode)
        query = replace(wanted, filter=Filter(without_access=without))
        return {passage.document_id for passage in found(filled, query)}

    assert seen() == seen("another") == {"models", "running", "kitchen"}
    assert seen(board) == {"running", "kitchen"}
    assert seen(board, both) == {"running"}
    # What is written anew is limited by nothing until it is said again.
    filled.upsert([point(LICENCE, sparse)])
    assert filled.access() == {board: 1, both: 1}
    filled.set_access(board, ["models"])
    filled.set_access("", ["kitchen"])
    assert seen(board, both) == {"running", "kitchen"}
    filled.forget_access()
    assert filled.access() == {}
    assert seen(board, both) == {"models", "running", "kitchen"}


def test_an_empty_index_is_limited_by_nothing(index: Index) -> None:
    index.set_access("x", ["models"])
    index.forget_access()
    assert index.access() == {}


def test_a_document_gets_another_address(filled: Index, sparse: SparseEncoder) -> None:
    filled.set_source("models", "file:///elsewhere/模型 1.md")
    moved = filled.passages("models", "r1")
    assert {one.source for one in moved} == {"file:///elsewhere/模型 1.md"}
    others = {one.source for one in filled.passages("running", "r1")}
    assert "file:///elsewhere/模型 1.md" not in others
    hits = filled.search(question("license 长度", sparse, "dense"))
    assert {hit.passage.source for hit in hits if hit.passage.document_id == "models"} == {
        "file:///elsewhere/模型 1.md"
    }


def test_vectors_come_back_as_they_are_searched(index: Index, sparse: SparseEncoder) -> None:
    points = [
        point(passage("book", n, f"Part {n}. It has two sentences."), sparse) for n in range(5)
    ]
    index.upsert(points)
    found = index.vectors("book", "r1")
    assert found.keys() == {one.passage.id for one in points}
    for one in points:
        unit = one.dense / np.linalg.norm(one.dense, axis=1, keepdims=True)
        assert found[one.passage.id].shape == one.dense.shape
        assert np.allclose(found[one.passage.id], unit, atol=2e-3)
    assert index.vectors("book", "r2") == {}
    # Written again they are the same.
    index.upsert([replace(one, dense=found[one.passage.id]) for one in points])
    again = index.vectors("book", "r1")
    assert all(np.allclose(again[key], found[key], atol=1e-3) for key in found)


@pytest.mark.parametrize(
    "text",
    ["😀👨‍👩‍👧 e\u0301 \u0000 \u200b", "ＦＵＬＬ　ＷＩＤＴＨ", "𠮷野家\r\n的牛丼", "a" * 50_000],
)
def test_text_comes_back_unchanged(index: Index, sparse: SparseEncoder, text: str) -> None:
    odd = passage("odd", 0, text)
    index.upsert([point(odd, sparse)])
    assert index.passages("odd", "r1") == [odd]
    assert index.search(question(text, sparse, "dense"))[0].passage == odd


def test_flush_and_optimise_change_nothing_that_is_seen(
    filled: Index, sparse: SparseEncoder
) -> None:
    before = filled.search(question("MIT License 长度", sparse))
    filled.flush()
    filled.optimise()
    assert filled.search(question("MIT License 长度", sparse)) == before


def test_collections_come_and_go(vectors: VectorStore) -> None:
    first = vectors.create("kb_test@1", FINGERPRINT)
    vectors.create("kb_test@2", OTHER)
    assert (first.collection, first.dimension) == ("kb_test@1", DIMENSION)
    assert {"kb_test@1", "kb_test@2"} <= set(vectors.collections())
    assert vectors.fingerprint("kb_test@1") == FINGERPRINT
    assert vectors.fingerprint("kb_test@2") == OTHER
    assert vectors.fingerprint("kb_test@3") is None
    assert vectors.open("kb_test@3") is None
    vectors.drop("kb_test@1")
    vectors.drop("kb_test@1")
    assert vectors.open("kb_test@1") is None
    assert "kb_test@1" not in vectors.collections()
    reopened = vectors.open("kb_test@2")
    assert reopened is not None
    assert reopened.dimension == DIMENSION


def test_creating_again_opens_and_another_fingerprint_is_refused(
    vectors: VectorStore, sparse: SparseEncoder
) -> None:
    vectors.create("kb_test@1", FINGERPRINT).upsert([point(LICENCE, sparse)])
    assert vectors.create("kb_test@1", FINGERPRINT).count() == 1
    with pytest.raises(IndexMismatch, match="another-model"):
        vectors.create("kb_test@1", OTHER)


def test_a_collection_dropped_under_its_readers_is_a_named_error(
    vectors: VectorStore, filled: Index, sparse: SparseEncoder
) -> None:
    vectors.drop(filled.collection)
    with pytest.raises(IndexFailed):
        filled.search(question("MIT", sparse))
    with pytest.raises(IndexFailed):
        filled.upsert([point(LICENCE, sparse)])


def test_the_alias_switches(vectors: VectorStore, filled: Index, sparse: SparseEncoder) -> None:
    """As a reindex does it: build beside, switch, and back."""
    assert vectors.resolve("kb_test") == filled.collection
    beside = vectors.create(collection_name("test", OTHER), OTHER)
    beside.upsert([point(COFFEE, sparse)])
    vectors.point({"kb_test": beside.collection})
    assert vectors.resolve("kb_test") == beside.collection
    current = open_current(vectors, "test", OTHER)
    assert current is not None
    assert current.count() == 1
    vectors.point({"kb_test": filled.collection})
    assert vectors.resolve("kb_test") == filled.collection
    assert vectors.resolve("kb_nobody") is None


def test_an_alias_needs_its_collection(vectors: VectorStore) -> None:
    with pytest.raises(IndexFailed, match="kb_test@none"):
        vectors.point({"kb_test": "kb_test@none"})
    assert vectors.resolve("kb_test") is None


def test_a_changed_model_is_refused_with_both_sides_named(
    vectors: VectorStore, filled: Index
) -> None:
    with pytest.raises(IndexMismatch) as caught:
        open_current(vectors, "test", OTHER)
    assert "bigrams" in str(caught.value.params["built"])
    assert "another-model" in str(caught.value.params["wanted"])
    with pytest.raises(IndexMismatch):
        ensure_current(vectors, "test", OTHER)
    assert vectors.collections().count(collection_name("test", OTHER)) == 0


def test_a_knowledge_base_without_an_index_has_none(vectors: VectorStore) -> None:
    assert open_current(vectors, "test", FINGERPRINT) is None


def test_an_index_that_was_lost_is_made_anew(vectors: VectorStore, filled: Index) -> None:
    if type(vectors).__name__ == "ServerStore":
        pytest.skip("a server drops the alias with its collection")
    vectors.drop(filled.collection)
    assert open_current(vectors, "test", FINGERPRINT) is None
    assert ensure_current(vectors, "test", FINGERPRINT).count() == 0


def test_probe(vectors: VectorStore, filled: Index) -> None:
    vectors.probe()


def test_deleted_revisions_are_not_listed(
    vectors: VectorStore, filled: Index, sparse: SparseEncoder
) -> None:
    """The embedded engine lists the values of deleted points until it has tidied up."""
    made = passage("gone", 0, "Soon deleted.")
    filled.upsert([point(made, sparse)])
    assert filled.revisions()[("gone", "r1")] == 1
    filled.delete_revisions([("gone", "r1")])
    assert ("gone", "r1") not in filled.revisions()
    assert all(filled.revisions().values())
