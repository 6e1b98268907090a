"""Length for a model: never less than a wasteful vocabulary needs, whatever the language."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.tools.library.bundled import bundled_transcripts
from cliptrail.tools.models.offline.choice.vectors import _model
from cliptrail.tools.text.length import most_tokens

SAID = {
    "English": "Heat the oil to 55 degrees, and don't let it smoke (220 °F is too hot).",
    "German": "Die Kerntemperatur erreicht dreiundsechzig Grad; Überhitzung vermeiden.",
    "Chinese": "把猪里脊放在炉子上慢慢烤到六十三度，然后休息十分钟再切。",
    "Japanese": "豚ロースを炭火でゆっくり焼いて、十分休ませてから切ります。",
    "Korean": "돼지 등심을 천천히 굽고 십 분 동안 쉬게 한 다음 자릅니다.",
    "Russian": "Жарьте свиную корейку медленно, пока она не будет готова.",
    "Hindi": "सूअर के मांस को धीरे धीरे भूनें।",
    "Arabic": "اشوِ لحم الخنزير ببطء حتى تصل درجة الحرارة إلى ثلاث وستين.",
    "Thai": "ย่างหมูช้าๆจนอุณหภูมิตรงกลางถึงหกสิบสามองศา",
    "emoji": "🔥🐖🌡️👨‍👩‍👧‍👦🇩🇪✅🥩🎉",
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.text(
    "aAbB 0.é你🔥 ", max_size=20
)


def needed(text: str) -> int:
    """What a vocabulary of 32,000 needs, small and with a fall back to bytes: a wasteful one."""
    return len(_model().tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.mark.parametrize("language", SAID)
def test_no_language_counts_for_less_than_a_wasteful_vocabulary_needs(language: str) -> None:
    text = SAID[language] * 5
    assert 0.95 * needed(text) <= most_tokens(text) <= 4 * needed(text)


@given(st.lists(st.sampled_from(sorted(SAID.values())), min_size=1, max_size=6))
def test_nor_does_any_mixture_as_a_prompt_holds_it(texts: list[str]) -> None:
    rows = [[f"v1.{place}", 5.0 * place, text] for place, text in enumerate(texts)]
    shown = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    assert needed(shown) <= most_tokens(shown)


def test_transcripts_as_prompts_hold_them_count_for_enough_and_not_for_twice_as_much() -> None:
    for row in bundled_transcripts():
        segments = [[n, round(part.start, 1), part.text] for n, part in enumerate(row.segments)]
        shown = json.dumps(segments, ensure_ascii=False)
        assert needed(shown) <= most_tokens(shown) <= 2 * needed(shown)


@given(TEXTS, TEXTS)
def test_together_texts_never_count_for_more_than_apart_nor_for_less_than_one(
    one: str, other: str
) -> None:
    both = most_tokens(one + other)
    assert max(most_tokens(one), most_tokens(other)) <= both + 1
    assert both <= most_tokens(one) + most_tokens(other)


@given(TEXTS)
def test_bytes_are_the_most_and_every_foreign_sign_counts(text: str) -> None:
    foreign = sum(not sign.isascii() for sign in text)
    assert foreign <= most_tokens(text) <= len(text.encode())
