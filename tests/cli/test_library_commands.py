"""The commands of `cliptrail library`, as a user runs them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cliptrail.cli import tables
from cliptrail.cli.library import library_app
from cliptrail.tools.settings import settings
from cliptrail.tools.sources.addresses import read_address

SRT = "1\n00:00:01,000 --> 00:00:02,000\nmelt the butter\n\n2\n00:01:00,000 --> 00:01:02,000\n{}\n"


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CLIPTRAIL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("CLIPTRAIL_LIBRARY", raising=False)
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(library_app, list(arguments), input=answer)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "captions"
    folder.mkdir()
    (folder / "Roux [aaaaaaaaaa1].en.srt").write_text(SRT.format("add the flour"))
    (folder / "Eggs [bold]\x1b[31m [bbbbbbbbbb2].en.srt").write_text(SRT.format("whisk eggs"))
    return folder


@pytest.fixture
def filled(files: Path) -> Path:
    assert run("import", str(files)).exit_code == 0
    return files


def test_import_says_how_many_and_where(files: Path, data_dir: Path) -> None:
    result = run("import", str(files))
    assert result.exit_code == 0
    assert result.stdout == f"Imported 2 videos into {data_dir / 'library.sqlite'}.\n"
    assert result.stderr == ""


def test_import_ends_with_3_when_some_failed_and_names_each(files: Path) -> None:
    (files / "bad.vtt").write_text("nothing")
    result = run("import", str(files), "https://example.org/a.srt")
    assert result.exit_code == 3
    assert result.stdout.startswith("Imported 2 videos")
    bad, address = result.stderr.splitlines()
    assert "bad.vtt: The text is not a valid VTT file." in bad
    assert "Not a file or folder. Give files" in address


def test_import_ends_with_4_when_none_could(tmp_path: Path) -> None:
    result = run("import", "nowhere.srt")
    assert result.exit_code == 4
    assert result.stdout.startswith("Imported 0 videos")


def test_list_gives_one_tab_separated_line_a_video(filled: Path) -> None:
    result = run("list")
    assert result.exit_code == 0
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        ["bbbbbbbbbb2", "Eggs [bold][31m", "", "", "unknown", "en"],
        ["aaaaaaaaaa1", "Roux", "", "", "unknown", "en"],
    ]
    assert run("list", "--channel", "nobody").stdout == ""


def test_list_gives_json(filled: Path) -> None:
    videos = json.loads(run("list", "--json").stdout)
    assert [video["video_id"] for video in videos] == ["bbbbbbbbbb2", "aaaaaaaaaa1"]


def test_in_a_terminal_rows_are_a_table_and_brackets_no_markup(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "in_terminal", lambda: True)
    output = run("list").stdout
    assert "Title" in output
    assert "[bold]" in output
    assert "\t" not in output
    assert "\x1b[31m" not in output


def test_show_gives_times_and_words(filled: Path) -> None:
    assert run("show", "aaaaaaaaaa1").stdout == "0:01\tmelt the butter\n1:00\tadd the flour\n"
    assert run("show", "aaaaaaaaaa1", "--at", "61").stdout == "1:00\tadd the flour\n"
    shown = json.loads(run("show", "aaaaaaaaaa1", "--at", "0", "--json").stdout)
    assert [segment["text"] for segment in shown["segments"]] == ["melt the butter"]


def test_show_at_a_time_without_words_is_a_usage_error(filled: Path) -> None:
    result = run("show", "aaaaaaaaaa1", "--at", "900")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: Nothing is said in aaaaaaaaaa1 around 15:00. Its captions end at 1:02.\n"
    )


def test_search_finds_places(filled: Path) -> None:
    assert run("search", "flour").stdout == "aaaaaaaaaa1\t1:00\tRoux\tadd the flour\n"
    assert len(run("search", "melted butter", "--limit", "1").stdout.splitlines()) == 1
    (hit,) = json.loads(run("search", "flour", "--json").stdout)
    assert hit["segment"] == {"start": 60.0, "duration": 2.0, "text": "add the flour"}


def test_a_search_without_a_hit_says_where_it_looked_and_what_next(
    filled: Path, data_dir: Path
) -> None:
    result = run("search", "sealant")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        f"Nothing found in {data_dir / 'library.sqlite'} (2 videos). Try other words. "
        "Or see what it has: cliptrail library list\n"
    )


def test_what_a_file_does_not_say_can_be_said(files: Path) -> None:
    (files / "Hi.srt").write_text(SRT.format("say hello"))
    options = ("--title", "Hello\x1b[2J", "--channel", "Greeters")
    assert run("import", str(files / "Hi.srt"), *options).exit_code == 0
    (video,) = json.loads(run("list", "--json").stdout)
    assert (video["title"], video["channel"], video["url"]) == ("Hello[2J", "Greeters", "")
    assert read_address(video["video_id"]) is None, "it would be linked to as YouTube's"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.youtube.com/watch?v=aaaaaaaaaa9&t=3", "https://youtu.be/aaaaaaaaaa9"),
        ("https://example.org/roux", "https://example.org/roux"),
    ],
)
def test_an_address_is_kept_and_youtubes_gives_the_id(files: Path, url: str, shown: str) -> None:
    assert run("import", str(files / "Roux [aaaaaaaaaa1].en.srt"), "--url", url).exit_code == 0
    (video,) = json.loads(run("list", "--json").stdout)
    assert video["url"] == shown
    assert (video["video_id"] == "aaaaaaaaaa9") is ("youtube" in url)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((".", "--title", "x"), "Name one file alone."),
        (("captions/a.srt", "captions/a.srt", "--channel", "x"), "Name one file alone."),
        (("aaaaaaaaaa1", "--title", "x"), "Name one file alone."),
        (("captions/a.srt", "--url", "example"), "--url example is no address of a video."),
        (("captions/a.srt", "--url", f"https://youtube.com/playlist?list=PL{'a' * 20}"), "no addr"),
    ],
)
def test_what_is_said_must_mean_one_video(
    files: Path, arguments: tuple[str, ...], why: str
) -> None:
    (files / "a.srt").write_text(SRT.format("x"))
    result = run("import", *arguments)
    assert result.exit_code == 2
    assert why in result.stderr


def test_export_prints_or_writes_a_new_file(filled: Path, tmp_path: Path) -> None:
    assert run("export", "aaaaaaaaaa1", "--format", "txt").stdout.endswith("[1:00] add the flour\n")
    assert run("export", "aaaaaaaaaa1", "--output", "roux.json").exit_code == 0
    written = (tmp_path / "roux.json").read_text()
    assert json.loads(written)["title"] == "Roux"
    again = run("export", "aaaaaaaaaa1", "--output", "roux.json", "--format", "txt")
    assert again.exit_code == 2
    assert "roux.json already exists. Allow overwriting (--overwrite)" in again.stderr
    assert (tmp_path / "roux.json").read_text() == written
    assert run("export", "aaaaaaaaaa1", "--output", "roux.json", "--overwrite").exit_code == 0
    assert run("export", "aaaaaaaaaa1", "--format", "pdf").exit_code == 2
    assert run("export", "aaaaaaaaaa1", "--output", "no/where.json").exit_code == 2


def test_remove_asks_first(filled: Path) -> None:
    declined = run("remove", "aaaaaaaaaa1", answer="n\n")
    assert declined.exit_code == 4
    assert declined.stderr.endswith("Nothing was removed.\n")
    assert "aaaaaaaaaa1" in run("list").stdout
    result = run("remove", "aaaaaaaaaa1", answer="y\n")
    assert result.exit_code == 0
    assert "Removed 1 video from" in result.stdout
    assert "aaaaaaaaaa1" not in run("list").stdout
    assert run("remove", "bbbbbbbbbb2", "--yes").exit_code == 0
    assert run("list").stdout == ""


def test_remove_of_an_unknown_video_removes_none(filled: Path) -> None:
    result = run("remove", "aaaaaaaaaa1", "unknown", "--yes")
    assert result.exit_code == 4
    assert "has no video unknown" in result.stderr
    assert len(run("list").stdout.splitlines()) == 2


@pytest.mark.parametrize(
    "command", [["list"], ["search", "butter"], ["show", "a"], ["export", "a"], ["remove", "a"]]
)
def test_without_a_library_each_command_says_what_to_do(command: list[str], data_dir: Path) -> None:
    result = run(*command)
    assert result.exit_code == 4
    assert result.stdout == ""
    assert "There is no library" in result.stderr
    assert "--library samples" in result.stderr
    assert not data_dir.exists()


def test_a_library_can_be_named(files: Path, tmp_path: Path, data_dir: Path) -> None:
    own = str(tmp_path / "own.sqlite")
    assert run("import", str(files), "--library", own).exit_code == 0
    assert len(run("list", "--library", own).stdout.splitlines()) == 2
    assert not data_dir.exists()


def test_the_samples_can_be_read_but_not_changed(files: Path) -> None:
    listed = run("list", "--library", "samples", "--json")
    assert listed.exit_code == 0
    videos = json.loads(listed.stdout)
    assert videos
    for command in (["import", str(files)], ["remove", videos[0]["video_id"], "--yes"]):
        result = run(*command, "--library", "samples")
        assert result.exit_code == 2
        assert "samples cannot be changed" in result.stderr


def test_no_command_shows_a_traceback_for_a_file_that_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("words " * 100)
    result = run("list", "--library", "x.txt")
    assert result.exit_code == 4
    assert result.stderr.startswith("Error: The library x.txt is not a library")
    assert result.stderr.count("\n") == 1
