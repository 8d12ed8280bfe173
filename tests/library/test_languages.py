"""Which languages the documents are in."""

from contextlib import closing
from uuid import NAMESPACE_URL, uuid5

from app.library.languages import document_languages, languages_here
from app.library.library import Library, NewRevision, PendingRevision, open_library
from app.settings import Settings


def add(library: Library, kb: str, name: str, text: str) -> str:
    identifier = str(uuid5(NAMESPACE_URL, name))
    library.begin_revisions(kb, [PendingRevision(identifier, f"upload:{name}", "r", text)])
    new = NewRevision(identifier, "r", name, "text/plain", 1, 1, 2, 1, (), {})
    library.make_current(kb, [new])
    return identifier


def test_languages_of_a_twentieth_of_all_documents_the_commoner_first(settings: Settings) -> None:
    assert languages_here(settings) == ()
    with closing(open_library(settings)) as library:
        library.add_knowledge_base("default")
        library.add_knowledge_base("other")
        assert document_languages(library) == ()
        for number in range(20):
            add(library, "default", f"{number}", f"第 {number} 条规定。")
        english = add(library, "other", "english", "The first rule of all.")
        assert document_languages(library) == ("zh",)  # one of 21 is less than a twentieth
        add(library, "other", "more english", "The second rule of all.")
        assert document_languages(library) == ("zh", "en")
        library.delete("other", [english])
        assert document_languages(library) == ("zh",)
    assert languages_here(settings) == ("zh",)
