"""Numbers are equal by value, carry their units, and a changed digit never passes."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cliptrail.tools.text.numbers import in_words, numbers, unsupported

TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
ONES = TO_NINETEEN.split()
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def forms(text):
    return [set(number.forms) for number in numbers(text)]


def units(text):
    return [number.unit for number in numbers(text)]


def kinds(text):
    return [number.kind for number in numbers(text)]


def spell(value, joint=" and ", dash="-"):
    if value < 20:
        return ONES[value]
    if value < 100:
        tens = TENS[value // 10 - 2]
        return tens if value % 10 == 0 else f"{tens}{dash}{ONES[value % 10]}"
    for scale, word in [(10**6, "million"), (10**3, "thousand"), (100, "hundred")]:
        if value >= scale:
            head = f"{spell(value // scale, joint, dash)} {word}"
            rest = value % scale
            if rest == 0:
                return head
            glue = joint if scale == 100 or rest < 100 else " "
            return head + glue + spell(rest, joint, dash)
    raise AssertionError(value)


@given(
    st.integers(0, 999_999_999),
    st.sampled_from([" and ", " "]),
    st.sampled_from(["-", " "]),
)
def test_number_to_words_and_back(value, joint, dash):
    spelled = spell(value, joint, dash)
    assert forms(spelled) == [{str(value)}], spelled
    assert forms(spelled) == forms(f"{value:,}") == forms(f"{value}.0")


@given(st.integers(0, 10**15), st.integers(0, 999))
def test_commas_and_trailing_zeros_do_not_count(whole, thousandths):
    plain = f"{whole}.{thousandths:03}"
    assert forms(plain) == forms(f"{whole:,}.{thousandths:03}00")
    assert len(forms(plain)) == 1


@given(st.integers(0, 10**12), st.data())
def test_one_changed_digit_is_always_caught(value, data):
    digits = f"{value:,}"
    place = data.draw(st.sampled_from([i for i, c in enumerate(digits) if c.isdigit()]))
    other = data.draw(st.sampled_from([c for c in "0123456789" if c != digits[place]]))
    changed = digits[:place] + other + digits[place + 1 :]
    template = data.draw(
        st.sampled_from(["heat it to {} degrees", "for {} minutes", "about ${}.", "{} percent"])
    )
    window = template.format(digits)
    assert unsupported(window, numbers(window)) == []
    caught = unsupported(template.format(changed), numbers(window))
    assert [set(number.forms) for number in caught] == forms(changed)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from(["{}", "FR-{}", "TNY{}PN"]))
def test_a_changed_number_is_caught_in_identifiers_too(said, claimed, template):
    assume(said != claimed)
    assert unsupported(template.format(claimed), numbers(template.format(said)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,150", "1150"),
        ("24.0", "24"),
        ("3 1/2 cups", "3.5"),
        ("3½ cups", "3.5"),
        ("1/16 of an inch", "0.0625"),
        ("two and a half hours", "2.5"),
        ("two and three quarters", "2.75"),
        ("three quarters of an inch", "0.75"),
        ("two thirds", "0.666667"),
        ("a hundred and forty", "140"),
        ("twenty-five hundred", "2500"),
        ("half a million", "500000"),
        ("35 million", "35000000"),
        ("2.5 hundred", "250"),
        ("three point one four volts", "3.14"),
        ("a dollar fifty", "1.5"),
        (".5 mm", "0.5"),
        ("007", "7"),
        ("1.2.3", "1.2.3"),
        ("٣", "3"),
    ],
)
def test_values(text, value):
    assert forms(text) == [{value}]


def test_letters_after_digits_may_multiply():
    assert forms("50k") == [{"50", "50000"}]
    assert forms("35m wide") == [{"35", "35000000"}]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("two-fifty", ["2", "50"]),
        ("2 50", ["2", "50"]),
        ("between one hundred and two hundred", ["100", "200"]),
        ("between one thousand and five thousand", ["1000", "5000"]),
        ("24/7", ["24", "7"]),
        ("5/16/2024", ["5", "16", "2024"]),
        ("2⁵", ["2", "5"]),
        ("no one said anything", ["1"]),
    ],
)
def test_what_is_not_guessed(text, values):
    assert forms(text) == [{value} for value in values]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FR-4", "ident"),
        ("TNY278PN", "ident"),
        ("PM2.5", "ident"),
        ("covid-19", "ident"),
        ("1N4007", "ident"),
        ("US$5", "digit"),
        ("128", "digit"),
        ("twelve", "word"),
        ("one", "weak"),
        ("one half", "weak"),
        ("a quarter", "weak"),
        ("one and a half", "word"),
    ],
)
def test_kinds(text, kind):
    assert set(kinds(text)) == {kind}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("225 °F", ["f"]),
        ("107°C", ["c"]),
        ("65º C", ["c"]),
        ("225 degrees Fahrenheit", ["f"]),
        ("225 to 250 degrees", ["deg", "deg"]),
        ("225–250°F", ["f", "f"]),
        ("between 20 and 30 minutes", ["min", "min"]),
        ("in 2019 and 5 kg", ["", "kg"]),
        ("two hours", ["h"]),
        ("half an hour", ["h"]),
        ("10 uh minutes", ["min"]),
        ("10-minute", ["min"]),
        ("75%", ["%"]),
        ("75 per cent", ["%"]),
        ("$1.50", ["usd"]),
        ("$5 to 10", ["usd", "usd"]),
        ("12v", ["v"]),
        ("5 A", ["a"]),
        ("step 5 a screw", [""]),
        ("3 in.", ["in"]),
        ("3 in the box", [""]),
        ("10 milli henry", ["mh"]),
        ("100 nanofarads", ["nf"]),
        ("5 Nm or 5 nm", ["nm", "nm"]),
        ("450 nanometers", ["nanometer"]),
        ("470 kΩ", ["kohm"]),
        ("2.4 GHz", ["ghz"]),
        ("1:5:5", ["ratio", "ratio", "ratio"]),
        ("at 7:30", ["clock", "clock"]),
        ("8:15 pm", ["pm", "pm"]),
        ("5 p.m.", ["pm"]),
        ("FR-4 mm", [""]),
        ("40 people", [""]),
    ],
)
def test_units(text, expected):
    assert units(text) == expected


def test_offsets_point_into_the_text_as_it_was_given():
    text = "“Heat” ½ to a hundred and forty … then 1,150 W"
    spans = [text[number.start : number.end] for number in numbers(text)]
    assert spans == ["½", "hundred and forty", "1,150"]


def test_equality_does_not_ask_where_a_number_stands():
    assert numbers("5 kg") == numbers("about 5 kilos")


@given(st.text(), st.text())
def test_any_text_is_read_without_an_error(before, after):
    text = f"{before} 12.5 {after}"
    assert all(0 <= n.start < n.end <= len(text) for n in numbers(text))
    assert unsupported(text, numbers(text)) == []


def test_huge_digit_strings_are_read():
    digits = "9" * 6000
    assert forms(f"{digits} point five")[0]
    assert forms(f"{digits}/{digits} {digits} million")


@pytest.mark.parametrize(
    "claim",
    [
        "Stop there [12:34].",
        "Stop there (1:12:34 - 1:12:50).",
        "See https://example.org/7?t=99 for more.",
        "[Stop](https://youtu.be/x?t=754) there.",
        "Stop there.[^3]",
        "3. Stop there.",
        "- Step 2: stop there.",
        "One half of one.",
    ],
)
def test_marks_and_weak_words_need_no_support(claim):
    assert unsupported(claim, numbers("stop")) == []


def test_unsupported_names_the_number_and_its_place():
    claim = "Heat to 128 °C for 5 min [1:02]."
    (number,) = unsupported(claim, numbers("after five minutes"))
    assert number.forms == {"128"}
    assert claim[number.start : number.end] == "128"
    assert number.unit == "c"


def test_a_smaller_number_does_not_support_millions():
    assert unsupported("35 million votes", numbers("about 35 votes"))
    assert unsupported("35 votes", numbers("35 million votes"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hold 225 to 250 degrees for 3 hours.", ["225", "250 degrees", "3 hours"]),
        ("A 12-inch grate at 350°.", ["12-inch", "350°"]),
        ("Brew at a ratio of 1:2 with 18 g.", ["1:2", "1:2", "18 g"]),
        ("It costs $5 in the shop.", ["$5"]),
        ("Reduce by 20 percent.", ["20 percent"]),
    ],
)
def test_numbers_are_shown_with_the_word_of_their_unit(text: str, shown: list[str]) -> None:
    assert [in_words(number, text) for number in numbers(text) if number.unit] == shown


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("Subwords lie between the two.", []),
        ("It avoids the flaws of the two, and the three agree.", []),
        ("The two hours are enough.", ["two"]),
        ("Use the two screws.", ["two"]),
        ("It takes two.", ["two"]),
        ("The 2 agree.", ["2"]),
    ],
)
def test_what_points_back_to_things_that_were_named_needs_no_support(
    claim: str, missing: list[str]
) -> None:
    found = unsupported(claim, numbers("nothing of it"))
    assert [claim[row.start : row.end] for row in found] == missing
