"""Sentences of every form hold against their claims, or give way to the claims' own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.evidence.grounding import Grounding, copied
from cliptrail.state.evidence import (
    Block,
    Bullets,
    Code,
    Paragraph,
    Quote,
    Sentence,
    Steps,
    Table,
    TableRow,
)
from cliptrail.tools.text.tokens import contains_run, tokens
from tests.nodes.spoken import by_id, said, talk

ONE = talk("heat the oil to 55 degrees", "leave it, um, for ten minutes", "then run git log")
CLAIMS = {row.id: row for row in (said("a", ONE, 0), said("b", ONE, 1), said("c", ONE, 2))}


def held(block: Block) -> tuple[list[Block], str]:
    check = Grounding(CLAIMS, by_id(ONE))
    return list(check.block(block)), " ".join(check.notes)


def row(text: str, *ids: str) -> Sentence:
    return Sentence(text=text, claims=ids)


@pytest.mark.parametrize("kind", [Steps, Bullets])
def test_items_are_checked_one_by_one(kind: type[Steps] | type[Bullets]) -> None:
    made, notes = held(
        kind(items=(row("Heat it to 55 degrees.", "a"), row("Wait 20 minutes.", "b")))
    )
    assert made == [kind(items=(row("Heat it to 55 degrees.", "a"), row(CLAIMS["b"].text, "b")))]
    assert "do not say 20" in notes


def test_a_block_without_evidence_is_nothing() -> None:
    assert held(Paragraph(sentences=(row("Oil is fun.", "zz"),)))[0] == []
    assert held(Code(code=row("rm -rf", "zz")))[0] == []


def test_a_table_has_no_empty_cells_and_no_figure_of_its_own() -> None:
    table = Table(
        columns=("", "Heat", "Time in 90 s"),
        rows=(
            TableRow(label="Forge", cells=(row("55 degrees", "a"), row("20 minutes", "b"))),
            TableRow(label="At 80", cells=(row("55 degrees", "a"),)),
            TableRow(label="Nobody", cells=(row("70", "zz"), row("", ""))),
        ),
    )
    (made,), notes = held(table)
    assert made == Table(
        columns=("", "Heat", ""),
        rows=(
            TableRow(label="Forge", cells=(row("55 degrees", "a"), row(CLAIMS["b"].text, "b"))),
            TableRow(label="", cells=(row("55 degrees", "a"), row("not found"))),
        ),
    )
    assert "At 80" in notes


@pytest.mark.parametrize("columns", [(), ("Oil",), ("", "Heat")])
def test_a_table_whose_rows_do_not_fit_is_a_list(columns: tuple[str, ...]) -> None:
    cells = (row("55 degrees", "a"), row("ten minutes", "b"))
    made, notes = held(Table(columns=columns, rows=(TableRow(label="x", cells=cells),)))
    assert made == [Bullets(items=cells)]
    assert "did not fit" in notes


def test_code_keeps_its_lines_and_its_figures_are_checked() -> None:
    lines = "git log\n  --all"
    assert held(Code(code=row(lines, "c"))) == ([Code(code=row(lines, "c"))], "")
    made, _ = held(Code(code=row("git log -n 9", "c")))
    assert made == [Paragraph(sentences=(row(CLAIMS["c"].text, "c"),))]


def test_a_quote_is_copied_from_the_source_or_is_none() -> None:
    assert held(Quote(words=row("Leave it um for TEN", "a", "b")))[0] == [
        Quote(words=row("leave it, um, for ten", "b"))
    ]
    made, notes = held(Quote(words=row("Leave it for ten", "b")))
    assert made == [Paragraph(sentences=(row(CLAIMS["b"].text, "b"),))]
    assert "is no quote" in notes


@given(st.text(st.sampled_from("ab½²'-. "), max_size=12), st.text(st.sampled_from("ab½²'-. ")))
def test_what_is_copied_stands_there(text: str, source: str) -> None:
    words = copied(text, source)
    if words:
        assert words in " ".join(source.split())
        assert contains_run(tokens(words), tokens(text)) is not None
