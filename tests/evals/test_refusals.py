"""The bundled samples answer what they are about, and nothing else."""

from collections import Counter

import pytest

from cliptrail.evals.refusals import ANSWERED, REFUSED, outcomes
from cliptrail.tools.models.offline.together import Spoken, said_together
from cliptrail.tools.models.offline.videos import Subject, Told, on_topic, without_names
from cliptrail.tools.text.tokens import content_words


@pytest.fixture(scope="module")
def ends() -> dict[str, tuple[bool, str]]:
    return {row.request: (row.answered, row.why) for row in outcomes((*ANSWERED, *REFUSED))}


@pytest.mark.parametrize("request_text", ANSWERED)
def test_what_the_samples_are_about_is_answered(request_text, ends):
    assert ends[request_text] == (True, "done")


@pytest.mark.parametrize("request_text", REFUSED)
def test_what_they_are_not_about_is_refused(request_text, ends):
    assert ends[request_text] == (False, "no_evidence")


def test_both_sets_are_large_enough():
    assert min(len(set(ANSWERED)), len(set(REFUSED))) >= 10


def spoken(title: str, words: str) -> Spoken:
    return Spoken(title, words, Counter(content_words(f"{title} {words}")))


def test_words_far_apart_are_not_said_together():
    oil = "wipe the oil off the burrs and the oil off the lid and check the oil "
    far = spoken("A clean grinder", oil + "word " * 200 + "then I drove home in the car")
    near = spoken("A clean grinder", oil + "as you do in the car")
    assert not said_together("change the oil in my car", far)
    assert said_together("change the oil in my car", near)


def test_a_word_in_passing_is_no_topic():
    assert not said_together("the weather", spoken("A loaf", "we live in different weather"))
    assert said_together("the weather", spoken("The weather", "it rains"))


def test_the_name_of_a_channel_is_no_topic():
    said = "welcome to Oven Weather, this is oven weather, and more of Oven Weather soon"
    assert "eather" not in without_names(said, ["Oven Weather"])
    rows = [Told("A loaf", "Oven Weather", said + " bake the loaf at 240 degrees")]
    assert not on_topic(rows, Subject(topic="weather", query="weather"))
