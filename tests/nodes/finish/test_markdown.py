"""The guide as Markdown: what models and transcripts say is shown, and can be nothing but text."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliptrail.nodes.finish.markdown import escape, link, render, sentence
from cliptrail.state.evidence import (
    Bullets,
    Cell,
    Citation,
    Claim,
    Code,
    Conflict,
    Coverage,
    FactRow,
    Guide,
    GuideSection,
    Paragraph,
    Quote,
    Sentence,
    SourceRef,
    Standing,
    Steps,
    Table,
    TableRow,
)
from cliptrail.tools.text.cleaning import inert
from tests.nodes.finish.reading import READERS, flat, structure, visible

HOSTILE = [
    "# Heading",
    "Heading\n=======",
    "[click](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "<https://evil.example>",
    "see https://evil.example or www.evil.example",
    "<script>alert(1)</script>",
    "<!-- hidden -->",
    "&lt;b&gt; &amp; &#35;",
    "a | b | c",
    "trailing \\",
    "\\| \\[x\\](y)",
    "[^1]",
    "[^1]: forged footnote",
    "[x]: https://evil.example",
    "**bold** _it_ ~~no~~ `code`",
    "```\nfence\n```",
    "- item\n- item",
    "-",
    "---",
    "- - -",
    "+",
    "* * *",
    "> quote",
    "1.",
    "12) twelve",
    "1999. A year.",
    "- [ ] task",
    "| --- |",
    "    code",
    "…\u2028# new\u2029# lines\x0b\x85",
    "\x1b[2J\x9b31m\x00 red \u202egnp.exe\u200b",
]
SPECIAL = st.text(st.sampled_from("\\`*_[]()<>{}|#~!&;:-+=^.$@/\"'1a \n\t"), max_size=24)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
TEXTS = (SPECIAL | ANY).filter(inert)


def cited(quote: str, start: float = 754.9) -> Citation:
    return Citation(video_id="abc_DEF-123", start=start, end=start + 9, quote=quote)


def sections_of(text: str) -> tuple[GuideSection, ...]:
    """Sections with a block of each kind."""
    row = Sentence(text=text, claims=("0", "1"))
    table = Table(columns=(text, text), rows=(TableRow(label=text, cells=(row,)),) * 2)
    blocks = (
        Paragraph(sentences=(row, row)),
        Steps(items=(row, row)),
        Bullets(items=(row, row)),
        table,
        Code(code=row),
        Quote(words=row),
    )
    return (GuideSection(heading=text, blocks=blocks),) * 2


def guide_of(text: str, *, composed: bool = False) -> str:
    """A page with a text at every place that a model, a video or a person fills."""
    claims = [
        Claim(id=str(n), text=text, section=text, citations=(cited(text, n),)) for n in range(3)
    ]
    cells = (Cell(source=text, standing="not_found"),)
    guide = Guide(
        title=text,
        kind="composed" if composed else "found",
        answer=(Sentence(text=text, claims=("0",)),) if composed else (),
        sections=sections_of(text) if composed else (),
        claims=tuple(claims),
        conflicts=(Conflict(topic=text, claims=("0", "1")),),
        unanswered=(text,),
        facts=(FactRow(fact=text, cells=cells),),
        coverage=(Coverage(channel=text, cited=False, reason=text),),
        unverified=(Claim(id="u", text=text, reason=text),),
    )
    source = SourceRef(video_id="abc_DEF-123", title=text, channel=text)
    return render(guide, {source.video_id: source}, engine=text)


@pytest.mark.parametrize("composed", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str, composed: bool) -> None:
    page, plain = guide_of(text, composed=composed), guide_of("word", composed=composed)
    for read in READERS:
        assert structure(page, read) == structure(plain, read)
    assert inert(text) in visible(page)


@given(TEXTS, st.booleans())
@example("0", False)
def test_any_text_is_only_text(text: str, composed: bool) -> None:
    page, plain = guide_of(text, composed=composed), guide_of("word", composed=composed)
    for read in READERS:
        assert structure(page, read) == structure(plain, read)
    assert inert(text) in visible(page)


@given(TEXTS)
@example("run `git log --all` and `rm` *twice*")
@example("``double`` and ` single")
def test_a_sentence_shows_its_words_and_its_code_as_code(text: str) -> None:
    for read in READERS:
        rows = [row for row in flat(read.parse(sentence(text))) if row.content]
        assert {row.type for row in rows} <= {"inline", "text", "code_inline"}
        shown = "".join(row.content for row in rows if row.type != "inline")
        plain = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"\1", inert(text))
        assert shown.replace("`", "").split() == plain.replace("`", "").split()


def test_code_in_a_sentence_stays_code() -> None:
    assert sentence("use `a*b | c` *now*") == r"use `a*b | c` \*now\*"
    assert sentence("use `a | b`", cell=True) == r"use `a \| b`"
    assert sentence("an odd ` tick") == r"an odd \` tick"


def test_bare_addresses_are_not_linked_by_renderers_that_look_for_them() -> None:
    shown = escape("see https://evil.example, ftp://x or WWW.evil.example at 7:30")
    assert shown == "see https\\://evil.example, ftp\\://x or WWW\\.evil.example at 7:30"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("225-250 degrees, 1.5 h at 3:2:1", "225-250 degrees, 1.5 h at 3:2:1"),
        ("-5 degrees", "-5 degrees"),
        ("1.5 pounds", "1.5 pounds"),
        ("Tallow & Tin", "Tallow &amp; Tin"),
        ("  two\n lines ", "two lines"),
    ],
)
def test_ordinary_text_stays_readable(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (9.99, "0:09"), (754, "12:34"), (3600, "1:00:00"), (36_061.5, "10:01:01")],
)
def test_a_link_shows_its_time_as_people_read_it(seconds: float, shown: str) -> None:
    assert link(cited("q", seconds), "") == (
        f"[{shown}](https://youtu.be/abc_DEF-123?t={int(seconds)})"
    )


def test_a_footnote_has_quote_channel_title_and_the_second_of_the_clip() -> None:
    page = guide_of("word")
    assert (
        "[^1]: “word” word, word, [0:02](https://youtu.be/abc_DEF-123?t=2)\n"
        "[^2]: “word” word, [0:00](https://youtu.be/abc_DEF-123?t=0)\n"
    ) in page


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.youtube.com/watch?v=xyz_XYZ-789", "[0:07](https://youtu.be/xyz_XYZ-789?t=7)"),
        ("https://example.org/clip", "[0:07](<https://example.org/clip#t=7>)"),
        ("javascript:alert(1)", "0:07"),
        ("file:///etc/passwd", "0:07"),
    ],
)
def test_a_clip_is_linked_where_it_is(url: str, shown: str) -> None:
    assert link(cited("q", 7.5), url) == shown


def test_what_is_no_youtube_id_and_has_no_address_is_not_linked() -> None:
    odd = Citation(video_id="a) [x](https://evil.example", start=1, end=2, quote="q")
    assert link(odd, "") == "0:01"


@given(TEXTS)
@example("x>) [y](<https://evil.example>")
@example("x\n\n# heading")
def test_an_address_cannot_break_out_of_its_link(text: str) -> None:
    shown = structure(link(cited("q"), f"https://example.org/{text}"), READERS[1])
    kinds = [kind for kind, _, _ in shown]
    assert kinds == ["paragraph_open", "link_open", "link_close", "paragraph_close"]
    assert shown[1][2].startswith("https://example.org/")


def source(name: str) -> SourceRef:
    return SourceRef(video_id=name, title=f"Title {name}", channel=f"Channel {name}")


def claim(name: str, text: str, *videos: str, section: str = "") -> Claim:
    rows = tuple(Citation(video_id=row, start=5, end=9, quote=f"{text} it is") for row in videos)
    return Claim(id=name, text=text, section=section, citations=rows, verified=True)


def page_of(**parts: object) -> str:
    guide = Guide.model_validate({"title": "T", **parts})
    return render(guide, {name: source(name) for name in "xy"}, engine="a model")


def test_conflicts_stand_side_by_side_with_their_sources() -> None:
    rows = (claim("a", "Use lard", "x"), claim("b", "Use oil", "y"))
    page = page_of(claims=rows, conflicts=(Conflict(topic="fat", claims=("a", "b")),))
    assert (
        "## Where the sources do not agree\n\n**fat**\n\n"
        "| Channel x | Channel y |\n| --- | --- |\n| Use lard[^1] | Use oil[^2] |\n"
    ) in page


def test_a_conflict_without_a_topic_is_no_line_across() -> None:
    rows = (claim("a", "Use lard", "x"), claim("b", "Use oil", "y"))
    page = page_of(claims=rows, conflicts=(Conflict(topic="", claims=("a", "b")),))
    assert "****" not in page
    assert "| Use lard[^1] | Use oil[^2] |" in page


def test_one_citation_has_one_footnote_wherever_it_is_cited() -> None:
    page = page_of(claims=(claim("a", "Use lard", "x", "y"), claim("b", "Use lard", "y")))
    assert "- Use lard[^1][^2]\n- Use lard[^2]\n" in page
    assert page.count("]: “") == 2


def fact(name: str, standing: Standing) -> FactRow:
    return FactRow(fact=name, cells=(Cell(source="", standing=standing),))


def test_what_is_not_said_not_found_and_not_verified_are_three_things() -> None:
    page = page_of(
        claims=(claim("a", "Use lard", "x"),),
        facts=(
            fact("the fat", "answered"),
            fact("the price", "silent"),
            fact("the shop", "not_found"),
            fact("the time", "unverified"),
        ),
        unanswered=("the price", "the shop", "the time"),
        coverage=(
            Coverage(channel="Z", cited=False, reason="Not found.", standing="not_found"),
            Coverage(channel="Y", cited=False, reason="1 was read.", standing="silent"),
            Coverage(channel="X", cited=True),
        ),
        unverified=(Claim(id="u", text="Use glue", reason="It cites nothing."),),
    )
    assert (
        "## What the videos do not say\n\n- the price\n- Y: 1 was read.\n\n"
        "## Not found\n\n- the shop\n- Z: Not found.\n\n"
        "## Not verified\n\n- the time: nothing on it could be verified.\n\n"
        "These statements did not pass a check:\n\n"
        "- Use glue (It cites nothing.)\n"
    ) in page
    assert all(page.count(name) == 1 for name in ("the price", "the shop", "the time"))


def test_a_complete_guide_has_no_sections_about_gaps() -> None:
    page = page_of(claims=(claim("a", "Use lard", "x", section="fat"),), kind="excerpts")
    lead = "*The passages that answer, in the speakers' words.*"
    assert page.startswith(f"# T\n\n{lead}\n\n## Fat\n\n- Use lard[^1]\n")
    assert page.count("## ") == 1
    assert page.endswith("---\n\nMade by cliptrail with a model.\n")


def test_the_answer_comes_first_and_each_form_is_shown_as_what_it_is() -> None:
    rows = (claim("a", "Use lard", "x"), claim("b", "Use oil", "y"))
    lard, oil = Sentence(text="Lard.", claims=("a",)), Sentence(text="Oil.", claims=("b", "a"))
    table = Table(columns=("", "Fat"), rows=(TableRow(label="Now", cells=(lard,)),))
    blocks = (
        Paragraph(sentences=(lard, oil)),
        Steps(items=(lard, oil)),
        table,
        Code(code=Sentence(text="git log\n  --all", claims=("b",))),
        Quote(words=Sentence(text="Use oil it is", claims=("b",))),
    )
    page = page_of(
        kind="composed",
        claims=rows,
        answer=(oil,),
        sections=(GuideSection(heading="how", blocks=blocks),),
    )
    assert page.startswith(
        "# T\n\nOil.[^1][^2]\n\n## How\n\nLard.[^2] Oil.[^1][^2]\n\n"
        "1. Lard.[^2]\n2. Oil.[^1][^2]\n\n"
        "|  | Fat |\n| --- | --- |\n| Now | Lard.[^2] |\n\n"
        "```\ngit log\n  --all\n```\n\nSource: [^1]\n\n> “Use oil it is”[^1]\n"
    )


def test_sides_of_a_conflict_are_its_channels_and_many_are_listed() -> None:
    rows = [claim(name, f"Use {name}", "xy"[name > "b"]) for name in "abcd"]
    page = page_of(claims=rows, conflicts=(Conflict(topic="fat", claims=tuple("abcd")),))
    assert "| Channel x | Channel y |" in page
    assert "| Use a[^1] Use b[^2] | Use c[^3] Use d[^4] |" in page
    alone = [claim(name, f"Use {name}", "x") for name in "abcd"]
    page = page_of(claims=alone, conflicts=(Conflict(topic="fat", claims=tuple("abcd")),))
    assert "- Channel x: Use a[^1]\n- Channel x: Use b[^2]\n" in page
