"""Runs the examples of one page, in their order, as a reader in one folder would."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cliptrail.cli.app import app
from cliptrail.tools.settings import settings
from tests.docs.pages import ROOT, Block, Command, commands

NOT_RUN = {
    r"^make ": "sets up the environment in which this test runs",
    r"^source ": "sets up the environment in which this test runs",
    r"^cliptrail serve": "starts a server; the API tests start it",
    r"^pip install": "sets up the environment in which this test runs",
    r"^python docs/generate.py": "writes into the docs; test_generated_docs.py compares",
    r"OPENAI_API_KEY|CLIPTRAIL_BASE_URL|--model openai:": "needs a model",
    r"--source youtube|^pip install": "needs the internet",
    r"^cliptrail feedback \S+ good": "needs LangSmith; tests/tracing has one",
}
"""Commands that cannot be run here, and why."""
EXITS = re.compile(r"\s+# exits with (\d+)$")
ANSWER = "a\n"
"""What the reader answers when asked to approve a plan."""

TALK = """\
1
00:00:01,000 --> 00:00:09,000
To tune a guitar by ear, press the fifth fret of the low string and match the next open string.

2
00:00:09,000 --> 00:00:15,000
Between the third and the second string you tune by ear at the fourth fret of the guitar.
"""
"""A file that the reader made: it says neither title nor channel."""


def is_run(command: str) -> bool:
    """Return whether a command of a page can be run here."""
    return not any(re.search(pattern, command) for pattern in NOT_RUN)


class Session:
    """A reader at the terminal, in a folder of their own."""

    def __init__(self, page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.page = page
        self.monkeypatch = monkeypatch
        home = folder / "home"
        home.mkdir()
        monkeypatch.chdir(home)
        shutil.copytree(ROOT / "samples/videos", "captions")
        Path("captions/talk.srt").write_text(TALK, encoding="utf-8")
        for name, value in {
            "HOME": str(home),
            "COLUMNS": "100",
            "CLIPTRAIL_OUTPUT_DIR": ".",
            "CLIPTRAIL_ANY_PATH": "true",  # as the command line sets it: see cli/main.py
        }.items():
            self.export(name, value)

    def export(self, name: str, value: str) -> None:
        """Set a variable for the rest of the page."""
        self.monkeypatch.setenv(name, value)
        settings.cache_clear()

    def take(self, block: Block) -> None:
        """Do with an example what its reader would: save the file, run the commands or the code."""
        if block.title:
            Path(block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            for command in commands(block):
                self.run(command)
        elif "langgraph_sdk" in block.text or block.language == "javascript":
            return  # needs a server: tests/server/test_documented_client.py, test_javascript.py
        elif block.language == "python":
            code = Path("example.py")
            code.write_text(block.text, encoding="utf-8")
            runpy.run_path(str(code), run_name="__main__")
        elif block.language == "toml":
            tomllib.loads(block.text)  # of a package that the reader does not have
        else:
            assert block.language in ("text", "mermaid"), f"{self.page.name}:{block.line}: not run"

    def run(self, command: Command) -> None:
        """Run a command, and hold its exit code and output against the page."""
        if not is_run(command.text):
            return
        wanted = EXITS.search(command.text)
        code, output = self._done(EXITS.sub("", command.text))
        place = f"{self.page.name}:{command.line}: $ {command.text}"
        assert code == (int(wanted[1]) if wanted else 0), f"{place}\n{output}"
        assert fits(command.shown, output), f"{place}\n{output}\nis not\n{command.shown}"

    def _done(self, text: str) -> tuple[int, str]:
        """Return the exit code and the output of a command."""
        words = [os.path.expanduser(word) for word in shlex.split(text)]  # noqa: PTH111
        answer = ANSWER
        if "|" in words:
            pipe = words.index("|")
            assert words[0] == "echo"
            answer, words = " ".join(words[1:pipe]) + "\n", words[pipe + 1 :]
        match words:
            case ["export", setting]:
                self.export(*setting.split("=", 1))
                return 0, ""
            case ["cliptrail", *arguments] if not settings().agents:
                done = CliRunner().invoke(app, arguments, input=answer, catch_exceptions=False)
                return done.exit_code, done.output
            case ["cliptrail", *arguments]:
                # Agents stay registered, so those of a page get a process of their own.
                return _process([sys.executable, "-m", "cliptrail.cli.main", *arguments], answer)
            case ["python", *arguments]:
                return _process([sys.executable, *arguments], answer)
        return _process(words, answer)


def _process(words: list[str], answer: str) -> tuple[int, str]:
    done = subprocess.run(
        words,
        input=answer,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        check=False,
    )
    return done.returncode, done.stdout


def fits(shown: str, output: str) -> bool:
    """Compare output loosely: "…" stands for anything, runs of blanks for one another."""
    if not shown.strip():
        return True
    parts = (re.escape(" ".join(part.split())) for part in shown.split("…"))
    pattern = r"\s*.*?\s*".join(parts)
    return re.fullmatch(pattern, " ".join(output.split()), re.DOTALL) is not None
