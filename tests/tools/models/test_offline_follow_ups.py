"""How the offline engine reads follow-ups: by their grammar, whatever they are about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.models.offline.roles.following import followed
from cliptrail.tools.models.offline.roles.supervising import decide
from cliptrail.tools.models.offline.rules import Prompt

BEFORE = {
    "request": "How do I bake bread in a steel pan? Use tips from Quiet Oven and Dough Desk. "
    "I need the temperature and the time. Save to bread.md"
}
KNOWN = ["Quiet Oven", "Dough Desk", "Slow Crust"]


@pytest.mark.parametrize(
    ("request_", "question"),
    [
        ("What about the crust?", "How do I bake bread in a steel pan? … I need crust."),
        ("and how long does it rest?", "… I need how long does it rest."),
        ("and in a glass pan?", "How do I bake bread in a glass pan? … I need temperature, time."),
        (
            "but without sugar",
            "How do I bake bread in a steel pan without sugar? … I need temperature, time.",
        ),
        ("tell me more", "… I need temperature, time."),
    ],
)
def test_it_stands_for_itself_then(request_: str, question: str) -> None:
    made = followed(request_, BEFORE, KNOWN)
    assert made
    start, _, end = question.partition("…")
    assert made.question.startswith(start.strip())
    assert made.question.endswith(end.strip())
    assert "from Quiet Oven and Dough Desk." in made.question
    assert "Quiet Oven" not in made.elsewhere
    assert "bread.md" not in made.question
    assert followed(request_, {"request": made.question}, KNOWN)


def test_a_channel_that_it_names_takes_the_place_of_the_earlier_ones() -> None:
    made = followed("and what does Slow Crust say about the time?", BEFORE, KNOWN)
    assert made
    assert "from Slow Crust." in made.question
    assert "Quiet Oven" not in made.question


@pytest.mark.parametrize(
    "request_",
    [
        "How do I true a wheel?",
        "And how do I true a wheel?",
        "Compare disc brakes and rim brakes for wet commutes, with weights and prices.",
    ],
)
def test_a_question_of_its_own_follows_nothing(request_: str) -> None:
    assert followed(request_, BEFORE, KNOWN) is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_typed_is_read(request_: str, before: str) -> None:
    made = followed(request_, {"request": before}, KNOWN)
    assert made is None or made.question.strip()


def answer(**fences: str) -> dict[str, object]:
    last = "\n".join(f"<{name}>\n{data}\n</{name}>" for name, data in fences.items())
    return decide(Prompt(text=last, last=last))


def test_after_faults_it_gives_up_instead_of_repeating_them() -> None:
    made = answer(request='"How hot?"', left="3", previous="[]", faults='["wrong"]')
    assert made["do"] == "finish"


def test_results_of_agents_that_it_does_not_know_end_it() -> None:
    made = answer(request='"How hot?"', found='[{"step":"ask_1","agent":"ask","status":"done"}]')
    assert made["do"] == "finish"


@pytest.mark.parametrize("agent", ["search", "transcript", "extract", "compose"])
def test_what_gave_nothing_ends_it(agent: str) -> None:
    row = f'[{{"step":"{agent}_1","agent":"{agent}","status":"failed"}},{{"left_out":2}}]'
    assert answer(request='"How hot?"', found=row)["do"] == "finish"


def test_more_videos_than_are_listed_are_read_as_far_as_they_are() -> None:
    videos = ",".join(f'{{"id":"v{number}","title":"Oil"}}' for number in range(3))
    gave = f'{{"videos":[{videos},"and 2 more"]}}'
    row = f'{{"step":"search_1","agent":"search","status":"done","gave":{gave}}}'
    made = answer(request='"How hot?"', found=f"[{row}]")
    assert made["assignments"] == [
        {
            "agent": "transcript",
            "brief": "Read what the best of them say.",
            "inputs": [{"name": "video", "value": "$item"}],
            "for_each": "$search_1.videos[:3]",
        }
    ]
