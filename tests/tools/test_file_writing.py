"""Files that a run writes: their names, their folder, and that they are complete or not there."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliptrail.state.errors import OutputError, UsageError
from cliptrail.tools.files import (
    confined,
    numbered,
    safe_name,
    slug,
    trail_path,
    write_atomically,
    write_new,
)
from tests.faults import files_of_at_most
from tests.limits import SOON

DEVICES = [
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³"),
]
PARTS = st.sampled_from(
    ["..", ".", "/", "\\", "~", "C:", "\0", "\n", " ", ".md", ".MD", "$(id)", "%2e", "-", "é", "ﬁ"]
)
ANY_NAME = st.text(max_size=300) | st.lists(
    PARTS | st.sampled_from(DEVICES) | st.text(max_size=90), max_size=6
).map("".join)
WORDS = st.from_regex(r"[a-z0-9äßж漢]([a-z0-9äßж漢 ,()+-]{0,9}[a-z0-9äßж漢])?", fullmatch=True)
GOOD = st.lists(WORDS.filter(lambda row: row not in DEVICES), min_size=1, max_size=2)


class TestNames:
    @given(ANY_NAME)
    @example("../../etc/passwd")
    @example("CON .md")
    @example("com1.tar.md")
    @example("漢" * 100 + ".md")
    @example("con\0.md")
    @example("lpt¹.md")
    def test_whatever_is_suggested_the_name_is_safe_on_every_system(self, suggestion: str) -> None:
        name = safe_name(suggestion)
        assert name.endswith(".md")
        assert name[0] not in ".-"
        assert not set(name) & set('/\\:*?"<>|')
        assert name.isprintable()
        assert len(name.encode()) <= 255
        assert name.lower().split(".")[0].strip() not in DEVICES
        folder = Path("/out")
        assert confined(folder, name) == folder / name

    @given(ANY_NAME)
    def test_a_safe_name_stays_as_it_is(self, suggestion: str) -> None:
        assert safe_name(safe_name(suggestion)) == safe_name(suggestion)

    @given(GOOD.map(".".join))
    def test_a_good_name_stays_as_it_is(self, stem: str) -> None:
        assert safe_name(f"{stem}.md") == f"{stem}.md"

    @pytest.mark.parametrize(
        ("suggestion", "name"),
        [
            ("pork_loin_guide.md", "pork_loin_guide.md"),
            ("Crème brûlée, die zweite (neu).md", "Crème brûlée, die zweite (neu).md"),
            ("guide", "guide.md"),
            ("Notes.MD", "Notes.md"),
            ("notes.txt", "notes.txt.md"),
            ("/etc/passwd", "passwd.md"),
            ("..\\..\\boot.ini", "boot.ini.md"),
            (".bashrc", "bashrc.md"),
            ("a/b/c.md", "c.md"),
            ("nul.md", "kept.md"),
            ("...", "kept.md"),
            ("", "kept.md"),
        ],
    )
    def test_examples(self, suggestion: str, name: str) -> None:
        assert safe_name(suggestion, default="kept") == name

    @given(st.text(max_size=300))
    def test_a_slug_is_a_name(self, text: str) -> None:
        assert safe_name(f"{slug(text)}.md") == f"{slug(text)}.md"

    def test_a_slug_has_the_first_words(self) -> None:
        assert slug("How do I cook a Pork-Loin?") == "how_do_i_cook_a_pork_loin"
        assert slug("¿?") == "guide"

    def test_numbers_start_at_two_and_do_not_end(self) -> None:
        names = [path.name for path in islice(numbered(Path("a/v1.5.md")), 3)]
        assert names == ["v1.5.md", "v1.5-2.md", "v1.5-3.md"]

    def test_a_trail_lies_beside_its_guide(self) -> None:
        assert trail_path(Path("a/v1.5.md")) == Path("a/v1.5.trail.json")


class TestConfined:
    @pytest.mark.parametrize("name", ["../x.md", "/etc/x.md", "in/x.md", "..", ".", ""])
    def test_a_way_out_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UsageError, match="leads out of the output folder"):
            confined(tmp_path, name)

    def test_a_link_out_is_refused(self, tmp_path: Path) -> None:
        folder = tmp_path / "out"
        folder.mkdir()
        (folder / "x.md").symlink_to(tmp_path / "elsewhere.md")
        with pytest.raises(UsageError, match="leads out"):
            confined(folder, "x.md")

    def test_a_folder_may_be_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "out")
        assert confined(tmp_path / "link", "x.md") == tmp_path / "out" / "x.md"


WRITERS = pytest.mark.parametrize("write", [write_atomically, write_new])
Writer = Callable[[Path, str], object]


class TestWriting:
    @WRITERS
    @pytest.mark.parametrize("name", ["x.md", "🍖" * 62 + ".md"], ids=["short", "long"])
    def test_the_text_is_there_and_nothing_else(
        self, tmp_path: Path, write: Writer, name: str
    ) -> None:
        path, plain = tmp_path / "new" / "folder" / name, tmp_path / "plain"
        plain.touch()
        write(path, "Grüße\n")
        assert path.read_bytes() == "Grüße\n".encode()
        assert path.stat().st_mode == plain.stat().st_mode
        assert list(path.parent.iterdir()) == [path]

    def test_one_replaces_what_is_there_and_the_other_does_not(self, tmp_path: Path) -> None:
        path = tmp_path / "x.md"
        assert write_new(path, "first")
        assert not write_new(path, "second")
        assert path.read_text() == "first"
        write_atomically(path, "third")
        assert path.read_text() == "third"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_link_to_nowhere_is_not_written_through(self, tmp_path: Path) -> None:
        (tmp_path / "x.md").symlink_to(tmp_path / "elsewhere.md")
        assert not write_new(tmp_path / "x.md", "text")
        assert not (tmp_path / "elsewhere.md").exists()

    def test_a_disk_that_gets_full_leaves_the_old_file(self, tmp_path: Path) -> None:
        path = tmp_path / "x.md"
        path.write_text("old")
        with files_of_at_most(50_000), pytest.raises(OutputError, match="cannot be written"):
            write_atomically(path, "new " * 50_000)
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_disk_that_gets_full_leaves_no_half_of_a_new_file(self, tmp_path: Path) -> None:
        with files_of_at_most(50_000), pytest.raises(OutputError, match="cannot be written"):
            write_new(tmp_path / "x.md", "new " * 50_000)
        assert list(tmp_path.iterdir()) == []

    @WRITERS
    def test_a_folder_that_is_a_file_is_told_with_a_way_out(
        self, tmp_path: Path, write: Writer
    ) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputError) as caught:
            write(tmp_path / "file" / "x.md", "text")
        assert (
            caught.value.next_step == "Mend that and resume, or: cliptrail resume --output FILE.md"
        )

    def test_a_folder_in_its_place_is_told_and_kept(self, tmp_path: Path) -> None:
        (tmp_path / "x.md").mkdir()
        with pytest.raises(OutputError, match="cannot be written"):
            write_atomically(tmp_path / "x.md", "text")
        assert [row.name for row in tmp_path.iterdir()] == ["x.md"]


RIVAL = """
import sys
from pathlib import Path
from cliptrail.tools.files import write_new
print("ready", flush=True)
text = sys.stdin.readline()
print(write_new(Path(sys.argv[1]), text * 1000))
"""


class TestTwoWriters:
    def test_of_many_threads_exactly_one_makes_the_file(self, tmp_path: Path) -> None:
        path, start = tmp_path / "x.md", Barrier(8)

        def write(number: int) -> bool:
            start.wait(10)
            return write_new(path, f"{number} " * 1000)

        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(write, range(8)))
        assert made.count(True) == 1
        assert path.read_text() == f"{made.index(True)} " * 1000
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.slow
    def test_of_many_processes_exactly_one_makes_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "x.md"
        command = [sys.executable, "-c", RIVAL, str(path)]
        with ExitStack() as stack:
            pipe = subprocess.PIPE
            rivals = [
                stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
                for _ in range(3)
            ]
            for rival in rivals:
                assert rival.stdout
                assert rival.stdout.readline() == "ready\n"
            for number, rival in enumerate(rivals):
                assert rival.stdin
                rival.stdin.write(f"{number}\n")
                rival.stdin.flush()
            made = [rival.communicate(timeout=SOON)[0].strip() for rival in rivals]
        assert sorted(made) == ["False", "False", "True"]
        assert path.read_text() == f"{made.index('True')}\n" * 1000
        assert list(tmp_path.iterdir()) == [path]

    def test_readers_see_one_whole_text_or_the_other(self, tmp_path: Path) -> None:
        path, texts = tmp_path / "x.md", {"a" * 100_000, "b" * 100_000}
        path.write_text("a" * 100_000)

        def write(_: int) -> None:
            for text in texts:
                write_atomically(path, text)

        with ThreadPoolExecutor(2) as pool:
            writing = pool.map(write, range(20))
            seen = {path.read_text() for _ in range(50)}
            list(writing)
        assert seen <= texts
        assert list(tmp_path.iterdir()) == [path]
