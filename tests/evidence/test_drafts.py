"""An answer that is too long is trimmed: one long string is no reason to refuse all others."""

from cliptrail.evidence.drafts import Drafted
from cliptrail.state.drafts import GuideDraft
from tests.nodes.guides import block, section, sentence

LONG = "heat the oil slowly " * 100


def test_an_answer_that_is_too_long_is_trimmed_and_not_refused() -> None:
    rows = [sentence(*map(str, range(99)), text=LONG)] * 99
    draft = GuideDraft.model_validate(
        {
            "title": LONG,
            "answer": rows,
            "sections": [section(block(*rows), heading=LONG)] * 99,
            "conflicts": [{"claims": ["a"] * 99, "topic": LONG}] * 99,
            "left_out": [{"claims": ["a"], "reason": LONG}],
        }
    )
    schema = GuideDraft.model_json_schema()["properties"]
    assert len(draft.title) <= schema["title"]["maxLength"]
    assert len(draft.sections) == schema["sections"]["maxItems"]
    assert draft.title.endswith("slowly…") or draft.title.endswith("oil…")
    assert len(draft.answer[0].text) <= 700
    assert GuideDraft.model_validate(draft.model_dump()) == draft


def test_a_table_without_rows_is_a_list() -> None:
    answer = {"sections": [section(block(sentence(text="So."), kind="table"))]}
    (made,) = Drafted(GuideDraft.model_validate(answer), {}).sections()
    assert [row.kind for row in made.blocks] == ["bullets"]
