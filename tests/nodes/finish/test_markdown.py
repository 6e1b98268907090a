"""The guide as Markdown: what models and transcripts say is shown, and can be nothing but text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliptrail.nodes.finish.markdown import escape, link, render
from cliptrail.state.evidence import Citation, Claim, Conflict, Coverage, Guide, SourceRef
from cliptrail.tools.text.cleaning import inert
from tests.nodes.finish.reading import READERS, structure, visible

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


def guide_of(text: str, *, table: bool = False) -> str:
    """A page with a text at every place that a model, a video or a person fills."""
    words = [text, text, *(["55 degrees"] * 3 if table else [])]
    claims = [
        Claim(id=str(n), text=said, section=text, citations=(cited(text, n),))
        for n, said in enumerate(words)
    ]
    guide = Guide(
        title=text,
        claims=tuple(claims),
        conflicts=(Conflict(topic=text, claims=("0", "1")),),
        unanswered=(text,),
        coverage=(Coverage(channel=text, cited=False, reason=text),),
        unverified=(Claim(id="u", text=text, reason=text),),
    )
    source = SourceRef(video_id="abc_DEF-123", title=text, channel=text)
    return render(guide, {source.video_id: source}, engine=text)


@pytest.mark.parametrize("table", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str, table: bool) -> None:
    page, plain = guide_of(text, table=table), guide_of("word", table=table)
    for read in READERS:
        assert structure(page, read) == structure(plain, read)
    assert inert(text) in visible(page)


@given(TEXTS, st.booleans())
@example("0", False)
def test_any_text_is_only_text(text: str, table: bool) -> None:
    page, plain = guide_of(text, table=table), guide_of("word", table=table)
    for read in READERS:
        assert structure(page, read) == structure(plain, read)
    assert inert(text) in visible(page)


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
        "[^1]: “word” word, word, [0:00](https://youtu.be/abc_DEF-123?t=0)\n"
        "[^2]: “word” word, word, [0:01](https://youtu.be/abc_DEF-123?t=1)\n"
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


def test_what_is_open_and_what_failed_the_check_is_named() -> None:
    page = page_of(
        claims=(claim("a", "Use lard", "x"),),
        unanswered=("the price",),
        coverage=(
            Coverage(channel="Z", cited=False, reason="Not found."),
            Coverage(channel="X", cited=True),
        ),
        unverified=(Claim(id="u", text="Use glue", reason="It cites nothing."),),
    )
    assert (
        "## What the sources did not answer\n\n- the price\n"
        "- Nothing is cited from Z: Not found.\n\n"
        "## Not verified\n\n"
        "These statements did not pass the check against the transcripts:\n\n"
        "- Use glue (It cites nothing.)\n"
    ) in page


def test_a_complete_guide_has_no_sections_about_gaps() -> None:
    page = page_of(claims=(claim("a", "Use lard", "x", section="fat"),))
    assert page.startswith("# T\n\n## Fat\n\n- Use lard[^1]\n")
    assert page.count("## ") == 1
    assert page.endswith("---\n\nMade by cliptrail with a model.\n")


def test_several_measures_make_a_table() -> None:
    texts = ("Heat to 55 degrees", "Wait 10 minutes", "Cut 2 inches", "Rest it")
    page = page_of(claims=tuple(claim(text, text, "x") for text in texts))
    assert "| Wait 10 minutes[^2] | 10 minutes | Channel x |" in page
    assert "| Rest it[^4] |  | Channel x |" in page
