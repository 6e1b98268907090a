"""Which library and which folder a run gets, and what a request may not name."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest

from cliptrail.state.context import Context
from cliptrail.state.errors import CliptrailError, LibraryError, UsageError
from cliptrail.tools.library.store import Library
from cliptrail.tools.settings import Settings, settings
from cliptrail.tools.workspace import RunSources, open_workspace, output_folder
from tests.nodes.spoken import talk

INVENTED = "their channels and people are invented."
Naming = Callable[[str, Settings], object]


def named_library(path: str, settings: Settings) -> object:
    return open_workspace(Context(library=path), settings, RunSources())


def named_folder(path: str, settings: Settings) -> object:
    return output_folder(Context(output_dir=path), settings)


NAMING = pytest.mark.parametrize("name", [named_library, named_folder])


@pytest.fixture
def server(installation: Path) -> Settings:
    """The settings of a server, which lets nobody name any path."""
    return Settings()


@pytest.fixture
def owner(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the command line, whose user owns the machine."""
    monkeypatch.setenv("CLIPTRAIL_ANY_PATH", "true")
    return Settings()


def library_in(file: Path) -> Path:
    """A library with one video."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with Library(file) as library:
        library.add(talk("heat the oil", video_id="mine"))
    return file


def ids(context: Context, settings: Settings, run: str = "run") -> list[str]:
    found = open_workspace(context, settings, run).source.search("oil", limit=50)
    return [video.video_id for video in found]


class TestPaths:
    @NAMING
    @pytest.mark.parametrize("path", ["{}/x", "{}/data/../x", "{}/out/../../x", "~/x", "/", "../x"])
    def test_a_server_refuses_what_lies_elsewhere(
        self, tmp_path: Path, server: Settings, name: Naming, path: str
    ) -> None:
        with pytest.raises(UsageError, match="is not in this server's") as caught:
            name(path.format(tmp_path), server)
        assert caught.value.next_step

    @NAMING
    def test_a_server_refuses_a_link_that_leads_elsewhere(
        self, tmp_path: Path, server: Settings, name: Naming
    ) -> None:
        for folder in (server.data_dir, server.output_dir):
            folder.mkdir()
            (folder / "link").symlink_to(tmp_path)
            with pytest.raises(UsageError, match="is not in this server's"):
                name(str(folder / "link" / "x"), server)

    @NAMING
    @pytest.mark.parametrize("path", ["a\0b", "~nobody-of-this-name/x"])
    def test_what_is_no_path_is_told(self, owner: Settings, name: Naming, path: str) -> None:
        with pytest.raises(UsageError, match="is no path"):
            name(path, owner)

    def test_a_server_takes_what_lies_in_its_folders(self, server: Settings) -> None:
        file = library_in(server.data_dir / "more" / "x.sqlite")
        assert ids(Context(library=str(file)), server) == ["mine"]
        inner = server.output_dir / "deep"
        assert output_folder(Context(output_dir=str(inner)), server) == inner

    def test_an_owner_may_name_any(self, tmp_path: Path, owner: Settings) -> None:
        file = library_in(tmp_path / "elsewhere" / "x.sqlite")
        assert ids(Context(library=str(file)), owner) == ["mine"]
        assert output_folder(Context(output_dir=str(tmp_path)), owner) == tmp_path

    def test_home_is_understood(
        self, tmp_path: Path, owner: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        library_in(tmp_path / "x.sqlite")
        assert ids(Context(library="~/x.sqlite"), owner) == ["mine"]
        assert output_folder(Context(output_dir="~/in"), owner) == tmp_path / "in"

    def test_nothing_named_is_the_installations_own(self, server: Settings) -> None:
        assert output_folder(Context(), server) == server.output_dir


class TestWhichLibrary:
    def test_samples_say_that_they_are_invented(self, server: Settings) -> None:
        opened = open_workspace(Context(library="samples"), server, RunSources())
        assert opened.notice.endswith(INVENTED)
        assert opened.source.channels()
        assert not server.library_file.exists()

    def test_an_empty_installation_has_the_samples_and_says_so(self, server: Settings) -> None:
        opened = open_workspace(Context(), server, RunSources())
        assert opened.notice.startswith("Your library is empty, so the bundled samples answer")
        assert "cliptrail library import FILES" in opened.notice
        assert opened.source.channels()

    def test_a_library_without_videos_counts_as_empty(self, server: Settings) -> None:
        server.data_dir.mkdir()
        Library(server.library_file).close()
        assert open_workspace(Context(), server, RunSources()).notice.startswith(
            "Your library is empty"
        )

    def test_a_library_with_videos_answers_alone(self, server: Settings) -> None:
        library_in(server.library_file)
        opened = open_workspace(Context(), server, RunSources())
        assert opened.notice == ""
        assert opened.source.channels() == ["Quiet Forge"]
        assert opened.transcripts.get("mine").segments[0].text == "heat the oil"

    def test_a_library_filled_while_a_server_runs_is_used_from_then_on(
        self, server: Settings
    ) -> None:
        assert open_workspace(Context(), server, RunSources()).notice
        library_in(server.library_file)
        assert ids(Context(), server) == ["mine"]

    def test_the_default_may_lie_elsewhere(
        self, tmp_path: Path, server: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CLIPTRAIL_LIBRARY", str(library_in(tmp_path / "else" / "x.sqlite")))
        settings.cache_clear()
        assert ids(Context(), Settings()) == ["mine"]

    @pytest.mark.parametrize("source", ["library", "youtube"])
    def test_a_file_that_is_no_library_is_told(
        self, server: Settings, source: Literal["library", "youtube"]
    ) -> None:
        server.data_dir.mkdir()
        file = server.data_dir / "x.sqlite"
        file.write_text("charcoal " * 1000)
        with pytest.raises(LibraryError) as caught:
            open_workspace(Context(library=str(file), source=source), server, RunSources())
        assert str(file) in caught.value.message
        assert caught.value.next_step

    def test_a_data_folder_that_cannot_be_looked_at_is_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CLIPTRAIL_DATA_DIR", "x" * 300)
        with pytest.raises(LibraryError, match="cannot be read") as caught:
            open_workspace(Context(), Settings(), "run")
        assert "CLIPTRAIL_DATA_DIR" in caught.value.next_step

    def test_a_library_that_is_not_there_is_told(self, server: Settings) -> None:
        with pytest.raises(CliptrailError, match="There is no library"):
            open_workspace(
                Context(library=str(server.data_dir / "no.sqlite")), server, RunSources()
            )

    def test_a_library_that_was_replaced_is_opened_anew(self, server: Settings) -> None:
        file = library_in(server.data_dir / "x.sqlite")
        before = open_workspace(Context(library=str(file)), server, RunSources())
        with Library(server.data_dir / "y.sqlite") as other:
            other.add(talk("heat the oil", video_id="other"))
            other.seal()
        for side in ("", "-wal", "-shm"):
            Path(f"{file}{side}").unlink(missing_ok=True)
        (server.data_dir / "y.sqlite").rename(file)
        assert ids(Context(library=str(file)), server) == ["other"]
        assert before.transcripts.get("mine").video.video_id == "mine"  # a run in progress reads on
        file.unlink()
        with pytest.raises(LibraryError, match="There is no library"):
            open_workspace(Context(library=str(file)), server, RunSources())

    def test_of_many_threads_one_opens_library_and_youtube(self, server: Settings) -> None:
        start, shared = threading.Barrier(8), RunSources()

        def open_both(_: int) -> tuple[int, int]:
            start.wait(10)
            opened = open_workspace(Context(source="youtube"), server, shared)
            return id(opened.source), id(opened.transcripts.shelf)

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(open_both, range(8)))) == 1


class TestOneRun:
    YOUTUBE = Context(source="youtube")

    def test_its_steps_share_one_youtube(self, server: Settings) -> None:
        one, two = RunSources(), RunSources()
        first = open_workspace(self.YOUTUBE, server, one).source
        assert open_workspace(self.YOUTUBE, server, one).source is first
        assert open_workspace(self.YOUTUBE, server, two).source is not first

    def test_what_it_asked_anew_is_its_own(self, server: Settings) -> None:
        fresh = Context(source="youtube", fresh=True)
        a, b = RunSources(), RunSources()
        asked = [open_workspace(fresh, server, run).transcripts.asked_anew for run in (a, a, b)]
        assert asked[0] is asked[1]
        assert asked[0] is not asked[2]
        assert open_workspace(self.YOUTUBE, server, a).transcripts.asked_anew is None
