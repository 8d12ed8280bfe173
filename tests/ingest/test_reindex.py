"""Reindex: the old index serves until the new one is whole, and no question mixes the two."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.answering.retrieve import retrieve
from app.errors import IndexFailed, IndexMismatch, NothingToRollBack, ReindexStopped, WriterBusy
from app.index.fingerprint import alias_name, collection_name, previous_alias
from app.index.spaces import Spaces, VectorSpace
from app.library.locks import writer_lock
from app.models.embedding import Embedder
from app.runtime import Storage, open_runtime
from app.settings import Settings
from app.texts import told
from ingest.reading import ReadTask, ReadText, cut, read
from ingest.reindex import (
    ReindexDeps,
    ReindexProgress,
    ReindexReport,
    drop_old,
    reindex,
    rollback_fingerprint,
    settle_all,
)
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat

KB = "default"


def other_model() -> BigramEmbedder:
    return BigramEmbedder("other-model", 48)


def run(storage: Storage, folder: Path, kb: str = KB, **options: Any) -> None:
    storage.sync(SyncRequest((str(folder),), kb, **options), lambda _event: None)


def deps(storage: Storage, **changes: object) -> ReindexDeps:
    made = ReindexDeps(
        storage.settings, storage.library, storage.indexes, storage.sparse, storage.readers
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def rebuild(storage: Storage, embedder: Embedder, **changes: object) -> ReindexReport:
    return reindex(deps(storage, **changes), embedder)


def found(storage: Storage, question: str, kb: str = KB) -> list[str]:
    hits = retrieve(
        storage.library, storage.indexes.reading(kb), storage.sparse, question, kb=kb, limit=5
    ).hits
    return [hit.passage.text for hit in hits]


def sound(storage: Storage, kb: str = KB) -> bool:
    """Whether the index holds exactly what the library says."""
    return dict(storage.indexes.ensure(kb).revisions()) == storage.library.current_revisions(kb)


def test_all_documents_are_embedded_anew_and_the_old_index_stays(
    storage: Storage, documents: Path
) -> None:
    run(storage, documents)
    old = storage.indexes.ensure(KB).collection
    before = found(storage, "DeepSeek uses the MIT licence")
    other = other_model()
    events: list[ReindexProgress] = []
    report = rebuild(storage, other, on_event=events.append)
    assert (report.documents, report.switched, report.as_text) == (3, True, ())
    assert other.embedded >= 3
    new = storage.indexes.ensure(KB)
    assert new.collection == collection_name(KB, storage.indexes.fingerprint_with(other))
    assert (report.collections, report.previous) == ((new.collection,), (old,))
    assert new.dimension == 48
    assert storage.embedder is other
    assert storage.vectors.resolve(previous_alias(KB)) == old
    assert sound(storage)
    assert found(storage, "DeepSeek uses the MIT licence")[0] == before[0]
    assert {(event.phase, event.done, event.total) for event in events} >= {
        ("building", 0, 3),
        ("building", 3, 3),
        ("switching", 0, 0),
    }
    run(storage, documents)
    assert sound(storage)


def test_an_index_of_an_earlier_version_answers_and_takes_documents_until_the_reindex(
    storage: Storage, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    """An upgrade that cuts or indexes otherwise stops nothing; a reindex then makes it new."""
    now = storage.indexes
    earlier = Spaces(storage.vectors, fake_embedder, "0")
    storage.indexes = earlier
    run(storage, documents)
    storage.indexes = now
    assert now.outdated(KB)
    storage.check_indexes()
    old = now.ensure(KB).collection
    assert old == collection_name(KB, earlier.fingerprint)
    assert "MIT" in found(storage, "DeepSeek uses the MIT licence")[0]
    (documents / "later.txt").write_text("The canteen closes at three.")
    run(storage, documents)
    assert "canteen" in found(storage, "When does the canteen close?")[0]
    assert sound(storage)
    assert rebuild(storage, fake_embedder).switched
    assert not now.outdated(KB)
    assert now.ensure(KB).collection != old
    assert "canteen" in found(storage, "When does the canteen close?")[0]
    assert sound(storage)


def test_an_index_stored_in_another_layout_is_refused(
    storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(storage, documents)
    monkeypatch.setattr("app.index.fingerprint.LAYOUT_VERSION", "p0")
    with pytest.raises(IndexMismatch):
        storage.check_indexes()


def test_again_is_nothing_to_do(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    other = other_model()
    rebuild(storage, other)
    embedded = other.embedded
    report = rebuild(storage, other)
    assert (report.documents, report.switched) == (0, False)
    assert other.embedded == embedded


async def test_a_start_with_the_old_model_is_refused_with_both_named(
    storage: Storage, documents: Path, settings: Settings
) -> None:
    run(storage, documents)
    rebuild(storage, other_model())
    storage.close()
    with pytest.raises(IndexMismatch) as caught:
        await open_runtime(
            settings, embedder=BigramEmbedder(), chat=ScriptedChat(), reader=OverlapReader()
        )
    assert "other-model" in str(caught.value.params["built"])
    assert "bigrams" in str(caught.value.params["wanted"])
    for language in ("en", "zh"):
        assert "`groundkb reindex`" in told(caught.value, language).hint
    runtime = await open_runtime(
        settings, embedder=other_model(), chat=ScriptedChat(), reader=OverlapReader()
    )
    await runtime.close()


def test_questions_during_the_switch_neither_fail_nor_mix_vectors(
    storage: Storage, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    for number in range(30):
        (documents / f"{number}.txt").write_text(f"Note {number}: DeepSeek uses the MIT licence.")
    run(storage, documents)
    other = other_model()
    stop, asked, wrong = threading.Event(), [0, 0], []

    def ask(thread: int) -> None:
        while not stop.is_set():
            try:
                space = storage.indexes.reading(KB)
                assert space is not None
                assert space.index.dimension == space.embedder.identity.dimension
                hits = retrieve(
                    storage.library, space, storage.sparse, "DeepSeek licence", kb=KB, limit=5
                ).hits
                assert len(hits) == 5
                for hit in hits:
                    windows = space.embedder.embed_passages(
                        [hit.passage.text[s - hit.passage.start : e - hit.passage.start]
                         for s, e in hit.passage.windows]
                    )  # fmt: skip
                    best = float((windows @ space.embedder.embed_query("DeepSeek licence")).max())
                    assert hit.cosine == pytest.approx(best, abs=0.01)
            except Exception as error:  # noqa: BLE001  (shown by the test)
                wrong.append(error)
                return
            asked[thread] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        for model in (other, fake_embedder, other):
            before = sum(asked)
            rebuild(storage, model)
            while sum(asked) < before + 4 and not wrong:
                pass
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert min(asked) > 2


def test_changes_made_meanwhile_are_caught_up_with(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    done: list[str] = []

    def on_step(step: str) -> None:
        # After the first round, before the second: everything that can change does.
        if step == "note" and not done:
            done.append(step)
            (documents / "memory.txt").write_text("A 70B model needs about 40 GB of memory.")
            (documents / "上下文.txt").unlink()
            (documents / "new.txt").write_text("Phi-3 mini has 3.8 billion parameters.")
            run(storage, documents)
            (licences,) = (r for r in storage.library.documents(KB) if "licences" in r.source)
            storage.set_tags(KB, licences.id, ("law",))

    rebuild(storage, other_model(), on_step=on_step)
    assert done
    assert sound(storage)
    assert found(storage, "70B model memory")[0].startswith("A 70B")
    assert found(storage, "Phi-3 parameters")[0].startswith("Phi-3")
    (licences,) = (row for row in storage.library.documents(KB) if "licences" in row.source)
    assert licences.revision
    passages = storage.indexes.ensure(KB).passages(licences.id, licences.revision)
    assert {passage.tags for passage in passages} == {("law",)}


def test_all_knowledge_bases_are_switched_together(
    storage: Storage, documents: Path, tmp_path: Path
) -> None:
    run(storage, documents)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "phi.txt").write_text("Phi-3 mini has 3.8 billion parameters.")
    storage.library.add_knowledge_base("second")
    run(storage, tmp_path / "more", "second")
    report = rebuild(storage, other_model())
    assert report.documents == 4
    assert len(report.collections) == 2
    assert found(storage, "Phi-3 parameters", "second")
    assert sound(storage)
    assert sound(storage, "second")


def test_rollback_is_the_way_back_with_what_changed_since(
    storage: Storage, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    run(storage, documents)
    with pytest.raises(NothingToRollBack):
        rollback_fingerprint(storage.library, storage.vectors)
    rebuild(storage, other_model())
    (documents / "new.txt").write_text("Phi-3 mini has 3.8 billion parameters.")
    (documents / "memory.txt").unlink()
    run(storage, documents)
    assert (
        rollback_fingerprint(storage.library, storage.vectors).embedding == fake_embedder.identity
    )
    embedded = fake_embedder.embedded
    report = rebuild(storage, fake_embedder)
    assert report.documents == 1, "only what came since is embedded"
    assert fake_embedder.embedded > embedded
    assert sound(storage)
    assert found(storage, "Phi-3 parameters")[0].startswith("Phi-3")
    assert rollback_fingerprint(storage.library, storage.vectors).embedding.model == "other-model"


def test_what_is_removed_is_gone_from_the_old_index_too(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    old = storage.indexes.ensure(KB)
    rebuild(storage, other_model())
    gone = storage.library.documents(KB)[0]
    storage.delete(KB, (gone.id,))
    storage.settings = storage.settings.model_copy(update={"undo_days": 0.0})
    storage.purge()
    assert all(document != gone.id for document, _ in old.revisions())


def test_what_was_deleted_before_the_index_was_made_can_come_back(
    storage: Storage, documents: Path
) -> None:
    run(storage, documents)
    gone = next(row for row in storage.library.documents(KB) if row.source.endswith("licences.md"))
    storage.delete(KB, (gone.id,))
    rebuild(storage, other_model())
    assert storage.indexes.ensure(KB).count(gone.id) == 0
    storage.restore(KB, (gone.id,))
    waited = 0.0
    while storage.library.jobs.latest(KB, 1)[0].status in ("queued", "running"):
        assert (waited := waited + 0.05) < 20
        time.sleep(0.05)
    assert storage.library.document(KB, gone.id).status == "ready"
    assert "MIT" in found(storage, "DeepSeek licence")[0]
    assert sound(storage)


def test_old_collections_are_dropped_when_asked_and_when_two_old(
    storage: Storage, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    run(storage, documents)
    rebuild(storage, other_model())
    rebuild(storage, BigramEmbedder("third-model", 32))
    first = collection_name(KB, storage.indexes.fingerprint_with(fake_embedder))
    rebuild(storage, BigramEmbedder("fourth-model", 16))
    assert first not in storage.vectors.collections()
    assert len(storage.vectors.collections()) <= 3
    dropped = drop_old(deps(storage))
    assert dropped
    assert storage.vectors.collections() == [storage.indexes.ensure(KB).collection]
    with pytest.raises(NothingToRollBack):
        rollback_fingerprint(storage.library, storage.vectors)
    assert found(storage, "DeepSeek licence")


def test_it_waits_for_a_sync_but_not_for_ever(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    old = storage.indexes.ensure(KB).collection
    other = other_model()
    with writer_lock(storage.settings.data, KB), pytest.raises(WriterBusy):
        rebuild(storage, other, lock_wait=0.2)
    assert storage.vectors.resolve(alias_name(KB)) == old
    embedded = other.embedded
    assert rebuild(storage, other).switched
    assert other.embedded == embedded, "what was built is kept"


def test_stopped_it_goes_on_where_it_was(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    other = other_model()
    steps: list[str] = []
    with pytest.raises(ReindexStopped):
        rebuild(
            storage,
            other,
            on_step=steps.append,
            stop=lambda: steps.count("note") == 2,
            batch_windows=1,
        )
    assert found(storage, "DeepSeek licence"), "the old index serves"
    report = rebuild(storage, other)
    assert report.documents == 1
    assert sound(storage)


def test_points_that_were_not_noted_are_written_again(storage: Storage, documents: Path) -> None:
    run(storage, documents)

    def fail(step: str) -> None:
        if step == "note":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(storage, other_model(), on_step=fail)
    assert rebuild(storage, other_model()).documents == 3
    assert sound(storage)


def test_an_index_that_does_not_agree_is_not_switched_to(
    storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(storage, documents)
    old = storage.indexes.ensure(KB).collection
    monkeypatch.setattr("app.index.edge.EdgeIndex.upsert", lambda _self, points: None)
    with pytest.raises(IndexFailed, match="points_differ"):
        rebuild(storage, other_model())
    assert storage.vectors.resolve(alias_name(KB)) == old


def test_a_kill_between_the_switch_and_the_counts_is_healed(
    storage: Storage, documents: Path
) -> None:
    run(storage, documents)

    def fail(step: str) -> None:
        if step == "settle":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(storage, other_model(), on_step=fail)
    settle_all(storage.library, storage.vectors)
    assert sound(storage)
    new = storage.indexes.ensure(KB).collection
    assert storage.library.builds.built(new) == {}


def test_an_original_that_cannot_be_parsed_is_indexed_from_its_text(
    storage: Storage, documents: Path
) -> None:
    run(storage, documents)
    row = next(row for row in storage.library.documents(KB) if "memory" in row.source)
    storage.library.original(KB, row.id).write_bytes(bytes(range(256)))
    report = rebuild(storage, other_model())
    assert report.as_text == (row.source,)
    assert found(storage, "7B model memory")[0].startswith("A 7B model")
    assert sound(storage)


def test_a_changed_chunking_gets_its_own_counts_and_text(
    storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "long.txt").write_text(
        "\n\n".join(f"Paragraph {n} says this and that. " * 9 for n in range(12))
    )
    run(storage, documents)
    (row,) = (row for row in storage.library.documents(KB) if "long" in row.source)
    text = storage.library.text(KB, row.id)

    def newer(path: Path, task: ReadTask, **_: object) -> ReadText:
        read_now = read(path, task)
        parsed = read_now.parsed
        if task.name != "long.txt":
            return read_now
        end = parsed.blocks[0].end
        return cut(replace(parsed, text=parsed.text[:end], blocks=parsed.blocks[:1]), task)

    monkeypatch.setattr(storage.readers, "read", newer)
    first = storage.embedder
    rebuild(storage, other_model())
    assert storage.library.document(KB, row.id).chunks == 1 < row.chunks
    assert storage.library.text(KB, row.id) == text[: len(storage.library.text(KB, row.id))]
    assert sound(storage)
    rebuild(storage, first)
    assert storage.library.document(KB, row.id).chunks == row.chunks
    assert storage.library.text(KB, row.id) == text
    assert sound(storage)


def test_a_pair_is_kept_while_another_process_switches(
    storage: Storage, documents: Path, make_settings: Callable[..., Settings]
) -> None:
    """On a Qdrant server: the reader goes on with its pair, and `check` tells of the change."""
    run(storage, documents)
    space = storage.indexes.reading(KB)
    other = other_model()
    build = storage.vectors.create(
        collection_name(KB, storage.indexes.fingerprint_with(other)),
        storage.indexes.fingerprint_with(other),
    )
    storage.vectors.point({alias_name(KB): build.collection})
    storage.indexes._clock = lambda: 10**9
    kept = storage.indexes.reading(KB)
    assert isinstance(kept, VectorSpace)
    assert isinstance(space, VectorSpace)
    assert kept.index is space.index
    with pytest.raises(IndexMismatch):
        storage.check_indexes()
    with pytest.raises(IndexMismatch):
        run(storage, documents)


@pytest.mark.parametrize("alias_too", [False, True])
def test_a_lost_index_is_built_from_the_originals_alone(
    storage: Storage, documents: Path, alias_too: bool
) -> None:
    """As after the restore of a backup without vectors: the folder synced need not be there."""
    run(storage, documents)
    before = found(storage, "DeepSeek licence")
    for path in documents.iterdir():
        path.unlink()
    storage.vectors.drop(storage.indexes.ensure(KB).collection)
    if alias_too:
        with storage.library.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM aliases")
    assert rebuild(storage, BigramEmbedder()).documents == 3
    assert sound(storage)
    assert found(storage, "DeepSeek licence") == before
