"""`cliptrail chat`: a conversation on one thread, typed at a terminal or read from a pipe."""

import re
import signal
from pathlib import Path

import pytest

from cliptrail.cli.conversation import show_answer
from tests.cli.command import (
    REQUEST,
    SAMPLES,
    at_terminal,
    cliptrail,
    invoke,
    statuses,
    trail_in,
)

BRISKET = "How long does a brisket take overnight on a kamado?"
MILK = "How do I steam milk for a flat white?"
PROMPT = "supervisor> "


def told_thread(err: str) -> str:
    found = re.search(r"cliptrail chat (\w+)", err)
    assert found, err
    return found[1]


def test_at_a_terminal_requests_follow_each_other(here: Path) -> None:
    with at_terminal("chat", *SAMPLES) as chat:
        chat.until(PROMPT)
        chat.type(REQUEST)
        said = chat.until(PROMPT)
        assert "The guide is complete." in said
        assert "https://youtu.be/ct-" in said
        assert "[^" not in said
        chat.type("what about timing?")
        said = chat.until(PROMPT)
        assert "extract_2" in said
        assert "search_3" not in said
        chat.type("/trail")
        assert "Context of each decision" in chat.until(PROMPT)
        chat.type("/save mine.md")
        assert "mine.md" in chat.until(PROMPT)
        chat.type("/bogus")
        assert "There is no command /bogus. See: /help" in chat.until(PROMPT)
        chat.type("/pattern planner")
        chat.until("planner> ")
        chat.type("/quit")
        thread = told_thread(chat.until("cliptrail chat ") + chat.until("\n"))
        assert chat.end() == 0
    assert {"pork_loin_guide.md", "what_about_timing.md", "mine.md", "mine.trail.json"} <= {
        row.name for row in here.iterdir()
    }
    assert trail_in(here / "mine.trail.json").thread_id == thread
    assert (here / "mine.md").read_text() == (here / "what_about_timing.md").read_text()
    assert statuses() == {thread: "complete"}


def test_what_was_typed_is_there_in_the_next_conversation(here: Path, installation: Path) -> None:
    for typed in ("/help", "\x1b[A"):  # typed in the first one, and "up" in the next
        with at_terminal("chat", *SAMPLES) as chat:
            chat.until(PROMPT)
            chat.type(typed)
            chat.until("End the conversation")
            chat.until(PROMPT)
            chat.keyboard.write(b"\x04")
            assert chat.end() == 0
    lines = (installation / "chat_history").read_text().splitlines()
    assert "/help" in lines


def test_ctrl_c_stops_a_request_and_the_conversation_goes_on(here: Path) -> None:
    with at_terminal("chat", *SAMPLES) as chat:
        chat.until(PROMPT)
        chat.type(BRISKET)
        chat.until("planning")
        chat.send(signal.SIGINT)
        assert "Stopped. The conversation goes on." in chat.until(PROMPT)
        chat.type(MILK)
        assert "The guide is complete." in chat.until(PROMPT)
        chat.keyboard.write(b"\x04")
        chat.until("Go on with this conversation")
        assert chat.end() == 0
    (status,) = statuses().values()
    assert status == "complete"


@pytest.mark.parametrize("busy", [True, False])
def test_a_conversation_that_is_terminated_ends_and_can_be_gone_on_with(busy: bool) -> None:
    with at_terminal("chat", *SAMPLES) as chat:
        chat.until(PROMPT)
        chat.type(MILK)
        chat.until("planning" if busy else PROMPT)
        assert chat.interrupt(signal.SIGTERM) == 143
    (thread,) = statuses()
    assert f"Go on with this conversation: cliptrail chat {thread}" in chat.shown


def test_in_a_pipe_each_line_is_a_request_and_another_process_goes_on() -> None:
    ran = cliptrail("chat", *SAMPLES, answers=f"{BRISKET}\n\n/pattern\n")
    assert ran.code == 0, ran.err
    assert "[^1]: “" in ran.out
    assert "supervisor; there are: planner, supervisor" in ran.out
    assert PROMPT not in ran.out
    thread = told_thread(ran.err)
    ran = cliptrail("chat", thread[:8], "--pattern", "planner", answers="/trail\n/pattern\n")
    assert ran.code == 0
    assert f"{BRISKET} → " in ran.err
    assert "Context of each decision" in ran.out
    assert "\nplanner; there are" in ran.out


def test_another_pattern_may_answer_and_the_next_one_uses_what_it_found() -> None:
    lines = f"/pattern planner\n{BRISKET}\n/pattern supervisor\nwhat about hours?\n/trail\n"
    ran = invoke("chat", *SAMPLES, "--approve", "auto", answers=lines)
    assert ran.code == 0, ran.err
    made = ran.out[ran.out.index("Plan and actual") :]
    assert "\ntranscript[0]\t" in made
    assert "extract_1\textract\tdone" in made
    assert "\nsearch_1\t" not in made


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/save x.md", "There is no guide to save. Ask a question first."),
        ("/trail", "There is no trail yet. Ask a question first."),
        ("/pattern bogus", "There is no pattern 'bogus'. There are: "),
        ("/", "There is no command /. See: /help"),
        ("x" * 9_000, "8000 are allowed"),
    ],
)
def test_what_cannot_be_done_takes_one_sentence(line: str, sentence: str) -> None:
    ran = invoke("chat", *SAMPLES, answers=f"{line}\n/help\n")
    assert ran.err.count("Error: ") == 1
    assert sentence in ran.err
    assert "/save" in ran.out
    assert ran.code == (0 if line.startswith("/") else 4)
    assert statuses() == {}


def test_a_guide_is_saved_under_a_free_markdown_name_only(here: Path) -> None:
    (here / "there.md").write_text("mine")
    lines = "/save\n/save guide.txt\n/save there.md\n/save no/where.md\n/save good.md\n"
    ran = invoke("chat", *SAMPLES, answers=f"{BRISKET}\n{lines}")
    assert ran.err.count("Error: ") == 4
    assert "Name it like: /save guide.md" in ran.err
    assert (here / "there.md").read_text() == "mine"
    assert (here / "good.md").read_text().startswith("# ")


def test_a_pipe_ends_as_its_requests_did() -> None:
    refused = "How do I prune a cherry tree in winter?"
    assert invoke("chat", *SAMPLES, answers=f"{refused}\n").code == 4
    assert invoke("chat", *SAMPLES, answers=f"{refused}\n{MILK}\n").code == 3
    assert invoke("chat", *SAMPLES, answers="").code == 0


@pytest.mark.parametrize(
    "arguments",
    [("--pattern", "bogus"), ("nothing",), ("--library", "none.sqlite"), ("--max-calls", "-1")],
)
def test_what_is_wrong_from_the_start_ends_it_at_once(arguments: tuple[str, ...]) -> None:
    ran = invoke("chat", *arguments, answers=f"{MILK}\n")
    assert (ran.code, ran.out) == (2, "")
    assert "Error: " in ran.err


def test_a_waiting_plan_does_not_end_the_conversation() -> None:
    lines = f"{MILK}\nquit\n/pattern supervisor\n{MILK}\n"
    ran = invoke("chat", *SAMPLES, "--pattern", "planner", answers=lines)
    assert "The request waits for you" in ran.err
    assert "The guide is complete." in ran.out
    assert ran.code == 3


def test_a_guide_in_a_pipe_is_its_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer("# Oil\n\n- Hot.[^1]\n\n[^1]: “hot” A\n")
    assert capsys.readouterr().out == "# Oil\n\n- Hot.[^1]\n\n[^1]: “hot” A\n\n"
