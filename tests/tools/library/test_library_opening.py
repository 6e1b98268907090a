"""Files that are no library, or cannot be opened: each says so, and what to do."""

import multiprocessing
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cliptrail.state.errors import LibraryError, UsageError
from cliptrail.tools.library.database import SCHEMA_VERSION, _migrate
from cliptrail.tools.library.opening import open_library
from cliptrail.tools.library.store import Library
from cliptrail.tools.settings import settings

Make = Any


def refusal(path: Path, **options: Any) -> LibraryError:
    with pytest.raises(LibraryError) as caught:
        Library(path, wait_s=0.05, **options)
    assert caught.value.next_step
    assert path.name in caught.value.message
    return caught.value


def test_a_text_file_is_no_library(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("only words\n" * 500)
    assert "no SQLite file" in refusal(path).message
    assert "no SQLite file" in refusal(path, read_only=True).message
    assert path.read_text().startswith("only words")


def test_another_programs_sqlite_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE things (name)")
    db.close()
    before = path.read_bytes()
    assert "another program's" in refusal(path).message
    assert path.read_bytes() == before


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    Library(path).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    error = refusal(path)
    assert "newer cliptrail" in error.message
    assert "Upgrade" in error.next_step


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "damaged.sqlite"
    with Library(path) as library:
        library.add_many(make(f"v{n}", "some butter " * 50) for n in range(200))
        library.seal()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="damaged"), Library(path, read_only=True) as library:
        library.search("butter")


def test_a_locked_file_is_said_to_be_locked(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "locked.sqlite"
    Library(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    with Library(path, wait_s=0.05) as library:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="locked by another program"):
            library.add(make("a1", "butter"))
        assert library.count() == 0
        other.execute("ROLLBACK")
        library.add(make("a1", "butter"))
    other.close()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "nowhere" / "library.sqlite")
    assert "nowhere" in error.message
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_and_a_file_below_a_file_are_no_places(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path).message
    (tmp_path / "file").write_text("")
    refusal(tmp_path / "file" / "library.sqlite")
    refusal(tmp_path / ("x" * 300))


def test_reading_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    assert "There is no library" in refusal(path, read_only=True).message
    assert not path.exists()
    path.touch()
    assert "empty" in refusal(path, read_only=True).message


def test_a_library_opened_for_reading_cannot_be_changed(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "library.sqlite"
    with Library(path) as library:
        library.add(make("a1", "butter"))
    with Library(path, read_only=True) as library:
        assert library.search("butter")
        with pytest.raises(LibraryError, match="reading only"):
            library.remove("a1")
        with pytest.raises(LibraryError, match="reading only"):
            library.add(make("a2", "butter"))


def test_it_can_be_read_where_nobody_may_write(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "library.sqlite"
    with Library(path) as library:
        library.add(make("a1", "butter"))
    monkeypatch.setattr("os.access", lambda *_: False)
    with Library(path, read_only=True) as library:
        assert library.search("butter")
        assert list(tmp_path.iterdir()) == [path]


def test_a_closed_library_says_so_in_the_tree_of_errors(tmp_path: Path) -> None:
    library = Library(tmp_path / "library.sqlite")
    library.close()
    with pytest.raises(LibraryError, match="closed"):
        library.count()


def test_damaged_segments_name_the_video(tmp_path: Path, make: Make) -> None:
    path = tmp_path / "library.sqlite"
    with Library(path) as library:
        library.add(make("a1", "butter"))
    db = sqlite3.connect(path)
    db.execute("UPDATE videos SET segments = x'00'")
    db.commit()
    db.close()
    with Library(path) as library, pytest.raises(LibraryError, match="a1 is damaged"):
        library.get("a1")


def test_a_file_that_another_process_has_just_made_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    slow = sqlite3.connect(path, isolation_level=None)
    with Library(path) as library:
        _migrate(slow, path)
        assert library.count() == 0
    slow.close()


def _open_and_add(path: Path, number: int) -> None:
    from cliptrail.state.media import Segment, Transcript, Video

    video = Video(video_id=f"p{number}", title="t")
    segments = (Segment(start=0, duration=1, text="butter"),)
    with Library(path) as library:
        library.add(Transcript(video=video, segments=segments))


@pytest.mark.slow
def test_several_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "raced.sqlite"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_open_and_add, args=(path, n)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    with Library(path) as library:
        assert library.count() == len(library.search("butter")) == 4


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CLIPTRAIL_DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()


def test_names_mean_the_default_a_file_or_the_samples(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="There is no library"):
        open_library(read_only=True)
    with open_library() as library:
        assert library.path == data_dir / "library.sqlite"
    with open_library(str(tmp_path / "mine.sqlite")) as library:
        assert library.path == tmp_path / "mine.sqlite"
    with open_library("samples", read_only=True) as library:
        assert library.read_only
    with pytest.raises(UsageError, match="samples"):
        open_library("samples")
