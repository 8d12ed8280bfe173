"""What several things have of one kind is told of each, without remarks on the kind itself."""

import pytest

from app.answering.each import told_of_each
from app.answering.read import ReadHit
from tests.passages import hit, passage

PASSAGES = [
    passage(
        "MIT 许可证最短，只要保留声明就可以分发。\n\nKite-R1 的代码采用 MIT 许可证，因此可以直接部署。\n\n"
        "Apache 2.0 比 MIT 许可证多了专利授权。\n\n多数 Swift 模型使用 Apache 2.0 许可证。",
        title="许可证",
        document_id="zh",
        language="zh",
    ),
    passage(
        "Candidates\n\ntern-small: 384 dimensions, MIT licence.\n\ntern-large: 1,024 dimensions, MIT licence.\n\n"
        "plain-mini: 256 dimensions, English only.",
        title="Embedding models",
        document_id="en",
    ),
    passage(
        "| Model | Licence |\n| --- | --- |\n| Wren | BSD |\n| Finch | GPL |",
        title="Register of models",
        document_id="table",
    ),
]


@pytest.mark.parametrize(
    "question", ["What licences do the models use?", "这些模型使用哪些许可证？"]
)
def test_each_thing_with_the_sentence_that_tells_it(question: str) -> None:
    found = told_of_each(question, [ReadHit(hit(each), 1.0, ()) for each in PASSAGES])
    assert [each.of for each in found if each.of] == [
        "Kite-R1",
        "Swift",
        "tern-small",
        "tern-large",
    ]
    assert [s.cells[0] for each in found if not each.of for s in each.sentences] == [
        "Wren",
        "Finch",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "What licences do the cars use?",  # none is told of
        "Which licence does Kite-R1 use?",
        "What prices do the models have?",
    ],
)
def test_nothing_where_another_thing_or_kind_is_asked_for(question: str) -> None:
    assert told_of_each(question, [ReadHit(hit(each), 1.0, ()) for each in PASSAGES]) == ()
