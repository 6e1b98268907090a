"""The choice quotes whole runs of what was said, refuses what nobody says, and reads spellings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliptrail.tools.models.offline.choice.choosing import Answer, answer
from cliptrail.tools.models.offline.choice.features import features
from cliptrail.tools.models.offline.choice.model import load, save
from cliptrail.tools.models.offline.choice.passages import MOST_WORDS, passages, trimmed
from cliptrail.tools.models.offline.choice.request import understood
from cliptrail.tools.models.offline.choice.spoken import CUES, SpokenVideo
from cliptrail.tools.models.offline.choice.vectors import embed, telling
from cliptrail.tools.models.offline.choice.videos import SpokenLibrary, video_features
from cliptrail.tools.models.offline.choice.words import Rarity, stop_words
from cliptrail.tools.text.sentences import joined, sentences
from tests.talks import FILES, segments_in

SPOKEN = "so we, heat. it to 220 degrees. but then? it cools … and … ok. — yes! because. no"
said = st.lists(st.sampled_from(SPOKEN.split()), max_size=60).map(" ".join)


def spoken_in(file) -> list[str]:
    segments = segments_in(file)
    whole = joined(segments)
    return [whole.text[row.begin : row.stop] for row in sentences(segments, whole)]


def words_of(lines) -> list[str]:
    return " ".join(lines).split()


# --- passages ---


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_passages_of_all_styles_of_speech_hold_every_word_once(file):
    lines = spoken_in(file)
    found = passages(lines)
    assert words_of(row.text for row in found) == words_of(lines)


@given(st.lists(said.filter(bool), max_size=12))
def test_passages_are_runs_of_sentences_in_order(lines):
    found = passages(lines)
    assert [n for row in found for n in range(row.first, row.last + 1)] == list(range(len(lines)))
    for row in found:
        assert row.text.split() == words_of(lines[row.first : row.last + 1])
        assert row.size <= max(MOST_WORDS, len(lines[row.first].split()))


@given(st.lists(said.filter(bool), min_size=1, max_size=12))
def test_what_is_trimmed_off_a_passage_leaves_one_run(lines):
    for row in passages(lines):
        kept = trimmed(row, lines, CUES["order"])
        assert row.first <= kept.first <= kept.last <= row.last
        assert kept.text.split() == words_of(lines[kept.first : kept.last + 1])


def test_a_sentence_that_is_cut_shows_it():
    long = "When the oil is warm and the blade is straw colored and nobody stands behind you,"
    lines = ["It is hot.", long + " in that case,", "you may quench it. " * 6, "Then wait."]
    first = next(row for row in passages(lines) if row.first <= 1 <= row.last)
    assert first.closes or first.shown.endswith(" …")


def test_speech_without_stops_shows_no_gaps():
    lines = ["we heat the blade until it is straw colored and then we wait for it to cool"] * 6
    assert all(row.opens and row.closes for row in passages(lines))


# --- the choice ---

BLADE = SpokenVideo(
    "blade",
    "How to temper a knife blade",
    "Quiet Forge",
    [
        "Hello and welcome back, don't forget to subscribe.",
        "Heat the blade to 220 degrees in an oven for two hours.",
        "The color you look for is pale straw, and you will smell nothing.",
        "Why would you do it twice?",
        "The second time takes out the stress that the first one leaves in the steel.",
        "Ada Mills, a smith from the town of Selkirk, worked out these times.",
        "First clean the blade with sand, then wipe it with oil, and then put it into the oven.",
    ],
)
WIFI = SpokenVideo(
    "wifi",
    "Why your Wi-Fi is slow",
    "Lab Nine",
    [
        "Every wall of brick takes half of the signal of the router.",
        "I measured 40 megabits behind one wall, and 9 megabits behind two of them.",
        "Put the router into the middle of the flat, and as high as you can.",
        "A second router helps more than a better one, since it stands on your side of the wall.",
        "A channel of 80 megahertz is fast and weak; in the end 40 is my answer for a flat.",
    ],
)
BREAD = SpokenVideo(
    "pan",
    "Pan de masa madre en casa",
    "Horno Lento",
    [
        "El horno tiene que estar a 240 grados antes de meter el pan.",
        "La masa madre necesita ocho horas para crecer en una cocina fría.",
        "Si la corteza se quema, baja el horno a 210 grados después de veinte minutos.",
        "Deja el pan sobre una rejilla durante una hora antes de cortarlo.",
    ],
)
LIBRARY = SpokenLibrary([BLADE, WIFI, BREAD])


def asked(request: str, **more) -> Answer:
    return answer(understood(request), LIBRARY, load(), **more)


@pytest.mark.parametrize(
    ("request_text", "video"),
    [
        ("How do I temper a knife blade?", "blade"),
        ("Why is my wifi slow?", "wifi"),
        ("why is my wi fi slow", "wifi"),
        ("Why is my Wi-Fi router slow behind a wall?", "wifi"),
        ("why is the signl of my wifi roter slow", "wifi"),
        ("¿A cuántos grados tiene que estar el horno para el pan?", "pan"),
    ],
)
def test_spelling_and_language_do_not_decide(request_text, video):
    found = asked(request_text)
    assert found.excerpts
    assert found.excerpts[0].video.id == video


@pytest.mark.parametrize(
    "request_text",
    [
        "How do I paint a boat?",
        "Which taxes do freelancers pay in Germany? I need rates and deadlines.",
        "hello",
        "How do I prune a cherry tree in winter?",
        "the",
        "?!",
        "",
    ],
)
def test_what_nobody_says_is_refused(request_text):
    assert not asked(request_text).excerpts


def test_a_refusal_names_the_nearest_videos():
    near = asked("How do I temper chocolate in summer?").near
    assert [row.id for row in near][:1] == ["blade"]


def test_greetings_and_what_is_barred_are_no_answer():
    barred = SpokenVideo("b", BLADE.title, "C", BLADE.sentences, frozenset({1}))
    found = answer(understood("How do I temper a blade?"), SpokenLibrary([barred]), load())
    texts = " ".join(row.passage.shown for row in found.excerpts)
    assert texts
    for word in ("subscribe", "220"):
        assert word not in texts


def test_who_asks_for_one_fact_gets_few_passages():
    many = SpokenVideo("m", BLADE.title, "C", [*BLADE.sentences] * 6)
    found = answer(
        understood("Who worked out the times for tempering a blade?"), SpokenLibrary([many]), load()
    )
    assert len(found.excerpts) <= 6
    assert any("Ada Mills" in row.passage.text for row in found.excerpts)
    more = answer(understood("How do I temper a blade?"), SpokenLibrary([many]), load())
    assert len(more.excerpts) > 6


def test_which_is_answered_by_a_verdict():
    found = asked("Which channel width should I use for wifi in a flat?")
    assert "40 is my answer" in found.excerpts[0].passage.text


def test_each_named_channel_has_its_share():
    other = SpokenVideo("o", "Tempering knives", "Salt & Tide", BLADE.sentences[1:5])
    names = ["Quiet Forge", "Salt & Tide"]
    library = SpokenLibrary([BLADE, other])
    found = answer(understood("How do I temper a knife blade?"), library, load(), names)
    assert {row.video.channel for row in found.excerpts} == set(names)


@settings(max_examples=25)
@given(st.text(max_size=80))
def test_any_request_can_be_asked(request_text):
    found = asked(request_text)
    assert not (found.excerpts and found.near)


@pytest.mark.parametrize(
    "request_text", ["How do I temper a knife blade?", "temper, cool and quench a blade", "wifi"]
)
def test_excerpts_are_runs_of_what_was_said(request_text):
    for row in asked(request_text).excerpts:
        lines = row.video.sentences[row.passage.first : row.passage.last + 1]
        assert row.passage.text.split() == words_of(lines)


def test_the_model_weighs_what_is_measured(tmp_path):
    model = load()
    request = understood("How do I temper a blade?")
    assert set(model.passage.weights) == set(features(request, BLADE, LIBRARY.rarity))
    assert set(model.answerable.weights) == set(video_features(request, LIBRARY))
    save(model, tmp_path / "model.json")
    assert load(tmp_path / "model.json") == model


# --- words ---


def test_telling_words_weigh_more():
    assert telling("the") == 0
    assert telling("pandas") > telling("tools") > telling("need")


def test_vectors_have_length_one_or_nothing():
    lengths = (embed(["heat the blade", ""]) ** 2).sum(axis=1)
    assert [round(float(length), 3) for length in lengths] == [1, 0]


def test_rare_words_tell_more():
    rarity = Rarity([["heat", "blade"], ["heat", "oil"], ["heat", "oven"]])
    assert rarity.weight("blade") > rarity.weight("heat")


def test_a_language_has_its_own_stop_words():
    assert "der" in stop_words("Wie reinige ich der Mühle und die Kanne?")
    assert "der" not in stop_words("How do I clean it?")
