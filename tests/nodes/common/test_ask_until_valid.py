"""Ask until valid: faults go back all at once, a limited number of times, and are noted."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from cliptrail.nodes.common.ask_until_valid import InvalidAnswer, ask_until_valid


class Model:
    """Gives its answers one after the other, and keeps the faults that it was shown."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.shown: list[Sequence[str]] = []
        self.notes: list[str] = []

    async def ask(self, faults: Sequence[str]) -> Sequence[str]:
        self.shown.append(faults)
        return self.answers.pop(0)

    async def until_valid(self, max_revisions: int = 2) -> Sequence[str]:
        ctx: Any = SimpleNamespace(note=self.notes.append)
        return await ask_until_valid(
            self.ask, lambda answer: answer, ctx, max_revisions=max_revisions, what="plan"
        )


async def test_a_valid_answer_is_returned_without_a_word() -> None:
    model = Model(())
    assert await model.until_valid() == ()
    assert (model.shown, model.notes) == ([()], [])


async def test_all_faults_go_back_and_are_noted() -> None:
    model = Model(["No.", "Nor this."], ())
    await model.until_valid()
    assert model.shown == [(), ["No.", "Nor this."]]
    assert model.notes == ["The plan had 2 faults and went back: No."]


@pytest.mark.parametrize("most", [0, 1, 2])
async def test_it_is_asked_so_often_and_no_more(most: int) -> None:
    model = Model(*[["No."]] * 9)
    with pytest.raises(InvalidAnswer) as caught:
        await model.until_valid(most)
    assert len(model.shown) == len(model.notes) == most + 1
    assert caught.value.faults == ("No.",)
    assert caught.value.message == "The plan still has faults: No."
