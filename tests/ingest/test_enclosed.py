"""What is attached to a mail: documents of their own, that come, change and go with it."""

from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.library.enclosed import enclosed_source, encloser, outermost
from app.runtime import Storage
from ingest.sources.uris import source_uri
from tests.ingest.test_sync import KB, age, counts, run, texts

OFFER = "The roof costs 23,800 euros."
PLAN = "The scaffold stands for nine days."


def mail(path: Path, files: Mapping[str, str], *, body: str = "See the files.") -> Path:
    message = EmailMessage()
    message["Subject"] = "Roof"
    message["From"] = "a@example.org"
    message.set_content(body)
    for name, text in files.items():
        message.add_attachment(text + "\n", filename=name)
    path.write_bytes(bytes(message))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "mails"
    place.mkdir()
    mail(place / "roof.eml", {"offer.txt": OFFER, "计划 1.txt": PLAN})
    (place / "other.txt").write_text("Another file.")
    age(place)
    return place


def ids(storage: Storage) -> dict[str, str]:
    return {row.source.rpartition("/")[2]: row.id for row in storage.library.documents(KB)}


def test_addresses_tell_the_mail() -> None:
    inner = enclosed_source("file:///m/a.eml", "报价/1#.pdf")
    assert inner == "file:///m/a.eml//!/报价%2F1%23.pdf"
    deeper = enclosed_source(inner, "b.txt")
    assert (encloser(deeper), outermost(deeper)) == (inner, "file:///m/a.eml")
    assert (encloser("file:///m/a.eml"), outermost("file:///m/a.eml")) == (None, "file:///m/a.eml")
    # A file of this name within a folder of that name is none of the mail's.
    assert encloser(source_uri(Path("/m/a.eml//!/b.txt"))) is None


def test_attachments_are_documents_and_stay_as_their_mail_does(
    storage: Storage, folder: Path
) -> None:
    assert counts(run(storage, folder)) == (4, 0, 0, 0, 0)
    found = texts(storage)
    assert found["offer.txt"] == OFFER
    assert PLAN in found.values()
    assert OFFER not in found["roof.eml"]
    row = next(r for r in storage.library.documents(KB) if r.source.endswith("offer.txt"))
    assert row.source == source_uri(folder / "roof.eml") + "//!/offer.txt"
    assert storage.library.original(KB, row.id).read_bytes() == OFFER.encode() + b"\n"
    assert counts(run(storage, folder)) == (0, 0, 0, 4, 0)


def test_they_change_and_go_with_the_mail(storage: Storage, folder: Path) -> None:
    run(storage, folder)
    before = ids(storage)
    storage.set_tags(KB, before["offer.txt"], ("roof",))
    mail(
        folder / "roof.eml", {"offer.txt": "The roof costs 24,000 euros.", "new.txt": "It is new."}
    )
    # The mail and the offer have changed, one file is new, one is gone.
    assert counts(run(storage, folder)) == (1, 2, 1, 1, 0)
    found = texts(storage)
    assert found["offer.txt"] == "The roof costs 24,000 euros."
    assert set(found) == {"roof.eml", "offer.txt", "new.txt", "other.txt"}
    after = {row.source.rpartition("/")[2]: row for row in storage.library.documents(KB)}
    assert after["offer.txt"].id == before["offer.txt"]
    assert after["offer.txt"].tags == ("roof",)
    (folder / "roof.eml").unlink()
    assert counts(run(storage, folder)) == (0, 0, 3, 1, 0)
    assert set(texts(storage)) == {"other.txt"}
    index = storage.indexes.ensure(KB)
    assert set(index.revisions()) == set(storage.library.current_revisions(KB))


def test_what_did_not_change_is_not_embedded_again(storage: Storage, folder: Path) -> None:
    run(storage, folder)
    mail(folder / "roof.eml", {"offer.txt": OFFER, "计划 1.txt": PLAN}, body="Other words.")
    assert counts(run(storage, folder)) == (0, 1, 0, 1, 0)


def test_many_attachments_of_few_mails_are_no_mass_deletion(
    storage: Storage, tmp_path: Path
) -> None:
    place = tmp_path / "mails"
    place.mkdir()
    for n in range(12):
        (place / f"{n}.txt").write_text(f"File {n}.")
    mail(place / "a.eml", {f"{n}.txt": f"Attachment {n}." for n in range(30)})
    age(place)
    run(storage, place)
    (place / "a.eml").unlink()
    assert run(storage, place).removed == 31


def test_removed_by_hand_a_mail_takes_them_along(storage: Storage, folder: Path) -> None:
    run(storage, folder)
    found = ids(storage)
    storage.library.delete(KB, [found["offer.txt"]])
    storage.library.delete(KB, [found["roof.eml"]])
    assert set(texts(storage)) == {"other.txt"}
    # What was deleted with the mail comes back with it.
    storage.library.restore(KB, [found["roof.eml"]])
    assert set(texts(storage)) == {"other.txt", "roof.eml", "计划 1.txt"}
    storage.library.restore(KB, [found["offer.txt"]])
    storage.library.delete(KB, [found["roof.eml"], found["offer.txt"]])
    assert set(texts(storage)) == {"other.txt"}
    # A file that is still there comes back with the next sync of its folder.
    assert counts(run(storage, folder)) == (3, 0, 0, 1, 0)
    assert set(texts(storage)) == {"other.txt", "roof.eml", "计划 1.txt", "offer.txt"}


def test_an_attachment_whose_points_are_lost_is_read_again(storage: Storage, folder: Path) -> None:
    run(storage, folder)
    row = next(r for r in storage.library.documents(KB) if r.source.endswith("offer.txt"))
    assert row.revision is not None
    storage.indexes.ensure(KB).delete_revisions([(row.id, row.revision)])
    run(storage, folder)
    assert texts(storage)["offer.txt"] == OFFER


def test_a_sidecar_speaks_for_the_attachments_too(storage: Storage, folder: Path) -> None:
    run(storage, folder)
    (folder / "roof.eml.meta.yaml").write_text("tags: [house]\n")
    age(folder)
    run(storage, folder)
    tags = {row.source.rpartition("/")[2]: row.tags for row in storage.library.documents(KB)}
    assert tags["roof.eml"] == tags["offer.txt"] == ("house",)


def test_a_single_mail_as_root(storage: Storage, folder: Path) -> None:
    assert run(storage, folder / "roof.eml").added == 3
    assert counts(run(storage, folder / "roof.eml")) == (0, 0, 0, 3, 0)


def test_they_move_with_the_mail_and_keep_their_tags(storage: Storage, folder: Path) -> None:
    run(storage, folder)
    before = ids(storage)
    storage.set_tags(KB, before["offer.txt"], ("roof",))
    (folder / "2026").mkdir()
    (folder / "roof.eml").rename(folder / "2026" / "roof.eml")
    report = run(storage, folder)
    assert (report.added, report.removed) == (0, 0)
    row = storage.library.document(KB, before["offer.txt"])
    assert row.source == source_uri(folder / "2026" / "roof.eml") + "//!/offer.txt"
    assert row.tags == ("roof",)
    (folder / "2026" / "roof.eml").rename(folder / "2026" / "house.eml")
    report = run(storage, folder)
    assert (report.added, report.removed) == (0, 0)
    assert storage.library.document(KB, before["offer.txt"]).source.endswith(
        "house.eml//!/offer.txt"
    )
