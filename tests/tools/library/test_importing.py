"""Files and folders as transcripts, or as problems that say what to do."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cliptrail.state.media import Transcript
from cliptrail.tools.library import importing
from cliptrail.tools.library.importing import ImportProblem, read_files
from cliptrail.tools.library.store import Library
from tests.talks import FILES, FOLDER, imported_whole

VTT = "WEBVTT\nKind: captions\nLanguage: en\n\n00:01.000 --> 00:02.000\nmelt the butter\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nmelt the butter\n"
JSON3 = '{"wireMagic": "pb3", "events": [{"tStartMs": 1, "segs": [{"utf8": "melt"}]}]}'
ONE_ID = "Melting butter [a_bcdefgh-1]"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def one(path: Path) -> Transcript:
    (result,) = read_files([path])
    assert isinstance(result, Transcript), result
    return result


def problem(path: Path) -> ImportProblem:
    (result,) = read_files([path])
    assert isinstance(result, ImportProblem)
    assert result.path == str(path)
    assert result.next_step
    return result


def test_a_yt_dlp_name_gives_title_id_and_language(tmp_path: Path) -> None:
    video = one(write(tmp_path, f"{ONE_ID}.en-GB.vtt", VTT)).video
    assert video.video_id == "a_bcdefgh-1"
    assert video.title == "Melting butter"
    assert video.url == "https://www.youtube.com/watch?v=a_bcdefgh-1"
    assert video.language == "en-GB"
    assert video.captions == "unknown"


def test_a_neighbouring_note_describes_the_video(tmp_path: Path) -> None:
    note = {
        "id": "a_bcdefgh-1",
        "title": "Melting butter: a \x1b[31mtest?",
        "channel": "Crumb Notebook",
        "webpage_url": "https://example.org/watch?v=a_bcdefgh-1",
        "upload_date": "20250304",
        "duration": 61.5,
        "subtitles": {"en": []},
        "formats": ["left out"],
    }
    write(tmp_path, f"{ONE_ID}.info.json", json.dumps(note))
    transcript = one(write(tmp_path, f"{ONE_ID}.en.srt", SRT))
    assert transcript.video.model_dump() == {
        "video_id": "a_bcdefgh-1",
        "title": "Melting butter: a [31mtest?",
        "channel": "Crumb Notebook",
        "url": "https://example.org/watch?v=a_bcdefgh-1",
        "published": "2025-03-04",
        "duration_s": 61.5,
        "language": "en",
        "captions": "manual",
        "score": 0.0,
    }
    assert transcript.provenance == f"{ONE_ID}.en.srt"


@pytest.mark.parametrize(
    "note",
    [
        {"id": "../../etc", "webpage_url": "javascript:alert(1)", "upload_date": "20251399"},
        {"id": "x" * 65, "upload_date": "soon", "duration": None, "automatic_captions": None},
    ],
)
def test_a_hostile_note_gives_no_path_and_no_script(
    tmp_path: Path, note: dict[str, object]
) -> None:
    write(tmp_path, "talk.info.json", json.dumps(note))
    video = one(write(tmp_path, "talk.srt", SRT)).video
    assert re.fullmatch(r"talk-[0-9a-f]{8}", video.video_id)
    assert (video.url, video.published) == ("", None)


def test_a_note_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "talk.info.json", "[not json")
    assert "talk.info.json" in problem(write(tmp_path, "talk.en.vtt", VTT)).reason


@pytest.mark.parametrize(
    ("name", "title", "language", "slug"),
    [
        ("My Talk, part 1.srt", "My Talk, part 1", "", "my-talk-part-1"),
        ("My.Talk.de.srt", "My.Talk", "de", "my-talk"),
        ("talk.two.srt", "talk.two", "", "talk-two"),
        ("日本.srt", "日本", "", "video"),
        ("..srt", ".", "", "video"),
    ],
)
def test_other_names_give_a_slug_with_a_hash(
    tmp_path: Path, name: str, title: str, language: str, slug: str
) -> None:
    video = one(write(tmp_path, name, SRT)).video
    assert (video.title, video.language, video.url) == (title, language, "")
    assert re.fullmatch(rf"{slug}-[0-9a-f]{{8}}", video.video_id)


def test_the_same_name_with_other_words_is_another_video(tmp_path: Path) -> None:
    first = one(write(tmp_path, "a/talk.srt", SRT)).video.video_id
    assert first == one(write(tmp_path, "b/talk.srt", SRT)).video.video_id
    assert first != one(write(tmp_path, "c/talk.srt", SRT + "more")).video.video_id


def test_the_header_of_a_vtt_names_its_language(tmp_path: Path) -> None:
    assert one(write(tmp_path, "talk.vtt", VTT)).video.language == "en"


def test_word_times_mean_automatic_captions(tmp_path: Path) -> None:
    vtt = VTT.replace("melt the", "melt<00:00:01.500><c> the</c>")
    transcript = one(write(tmp_path, "talk.vtt", vtt))
    assert transcript.video.captions == "auto"
    assert transcript.segments[0].text == "melt the butter"


def test_json3_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    assert one(write(tmp_path, f"{ONE_ID}.en.json3", JSON3)).segments[0].text == "melt"
    assert one(write(tmp_path, "captions.json", JSON3)).video.title == "captions"


def test_a_transcript_without_captions_is_a_video_without_captions(tmp_path: Path) -> None:
    data = {
        "video_id": "a1",
        "title": "T",
        "source": {"caption_kind": "none", "licence": "MIT", "repo": "a/b", "path": "c.srt"},
        "segments": [],
        "cluster": "left out",
    }
    transcript = one(write(tmp_path, "a1.json", json.dumps(data)))
    assert transcript.video.captions == "none"
    assert transcript.segments == ()
    assert transcript.provenance == "a/b c.srt (MIT)"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.vtt", "", "VTT"),
        ("a.vtt", "WEBVTT\n", "no captions"),
        ("a.srt", "1\nnot a time\nwords\n", "SRT"),
        ("a.srt", SRT.encode("utf-16"), "UTF-8"),
        ("a.json", "{", "JSON"),
        ("a.json", b"\xff", "UTF-8"),
        ("a.json", "[" * 100_000, "JSON"),
        ("a.json", "9" * 5000, "JSON"),
        ("a.json", "[]", "neither"),
        ("a.json", '{"video_id": "a1", "title": "T"}', "at segments:"),
        ("a.json", '{"video_id": "../x", "title": "T", "segments": []}', "at video_id:"),
        ("a.json", '{"video_id": "a1", "title": "\\ud800", "segments": []}', "UTF-8"),
        (
            "a.json",
            '{"video_id": "a1", "title": "T", '
            '"segments": [{"start": 1e999, "duration": 1, "text": ""}]}',
            "at segments.0.start:",
        ),
        ("a.json3", '{"events": []}', "no captions"),
        ("a.json3", '{"events": 3}', "at events:"),
        ("a.txt", "words", ".txt"),
        ("a.info.json", "{}", "no transcript"),
        ("captions", "words", "nothing"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    assert reason in problem(write(tmp_path, name, content)).reason


@pytest.mark.parametrize("path", ["https://youtu.be/a_bcdefgh-1", "a_bcdefgh-1", "no\x00name", ""])
def test_what_is_no_file_says_so(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (result,) = read_files([path or tmp_path / "missing"])
    assert isinstance(result, ImportProblem)
    assert result.reason == "Not a file or folder."
    assert "folders" in result.next_step


def test_folders_are_read_to_every_depth_and_other_files_left(tmp_path: Path) -> None:
    write(tmp_path, "b.srt", SRT)
    write(tmp_path, "deep/er/a.vtt", VTT)
    write(tmp_path, "deep/film.mp4", b"\x00")
    write(tmp_path, "deep/bad.json", "{")
    write(tmp_path, "b.info.json", "{}")
    titles = [
        result.video.title if isinstance(result, Transcript) else Path(result.path).name
        for result in read_files([tmp_path])
    ]
    assert titles == ["b", "bad.json", "a"]


def test_a_folder_without_transcripts_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "film.mp4", b"")
    assert "No transcripts" in problem(tmp_path).reason


def test_of_one_video_the_wanted_language_is_read_and_the_others_named(tmp_path: Path) -> None:
    for language in ("de", "en", "fr"):
        write(tmp_path, f"{ONE_ID}.{language}.vtt", VTT)
    first, *rest = read_files([tmp_path], languages=["fr", "en"])
    assert isinstance(first, Transcript)
    assert first.video.language == "fr"
    assert [Path(p.path).name for p in rest if isinstance(p, ImportProblem)] == [
        f"{ONE_ID}.en.vtt",
        f"{ONE_ID}.de.vtt",
    ]
    assert all("already read from" in p.reason for p in rest if isinstance(p, ImportProblem))


def test_of_one_video_the_format_that_loses_least_is_read(tmp_path: Path) -> None:
    write(tmp_path, f"{ONE_ID}.en.srt", SRT)
    write(tmp_path, f"{ONE_ID}.en.json3", JSON3)
    first, second = read_files([tmp_path])
    assert isinstance(first, Transcript)
    assert first.segments[0].text == "melt"
    assert isinstance(second, ImportProblem)


def test_huge_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MAX_BYTES", 10)
    assert "larger" in problem(write(tmp_path, "a.srt", SRT)).reason


def test_a_name_that_is_not_utf_8_is_no_obstacle(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.srt"
    try:
        Path(os.fsdecode(name)).write_text(SRT)
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    Path(os.fsdecode(name.replace(b".srt", b".vtt"))).write_text("")
    transcript, trouble = sorted(
        read_files([tmp_path]), key=lambda result: isinstance(result, ImportProblem)
    )
    assert isinstance(transcript, Transcript)
    assert isinstance(trouble, ImportProblem)
    trouble.path.encode()
    with Library(tmp_path / "library.sqlite") as library:
        library.add(transcript)


@given(
    suffix=st.sampled_from([".vtt", ".srt", ".sbv", ".json", ".json3"]),
    start=st.sampled_from([b"", b"WEBVTT\n\n", SRT.encode(), VTT.encode(), JSON3.encode()[:40]]),
    noise=st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode("utf-8", "replace")),
)
@example(suffix=".vtt", start=b"WEBVTT\n\n", noise=b"99:99:99.999 --> 00:00:01.000\nx\n")
@example(suffix=".srt", start=b"1\n", noise=b"00:00:05,000 --> 00:00:01,000\nbackwards\n")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_raises(tmp_path: Path, suffix: str, start: bytes, noise: bytes) -> None:
    path = write(tmp_path, f"noise{suffix}", start + noise)
    (result,) = read_files([path])
    assert isinstance(result, ImportProblem) or result.segments


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["video_id", "title", "segments", "events", "segs", "source", "text"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_raises(tmp_path: Path, value: Any) -> None:
    path = write(tmp_path, "value.json", json.dumps(value))
    (result,) = read_files([path])
    assert isinstance(result, ImportProblem | Transcript)


def test_transcripts_of_all_styles_are_imported_whole(tmp_path: Path) -> None:
    results = list(read_files([FOLDER]))
    transcripts = [result for result in results if isinstance(result, Transcript)]
    assert len(transcripts) == len(results) == len(FILES)
    for path, transcript in zip(FILES, transcripts, strict=True):
        assert imported_whole(path, transcript), path.name
    with Library(tmp_path / "library.sqlite") as library:
        assert library.add_many(transcripts) == len(FILES)
        found = library.search("Huffman coding", channel="wire weight", limit=3)
        assert [video.channel for video in found][:1] == ["Wire Weight"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.vtt")
    (result,) = read_files([tmp_path])
    assert isinstance(result, ImportProblem)
    assert result.reason == "It is no file."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json3", '{"events": [{"tStartMs": 1e300, "segs": [{"utf8": "melt"}]}]}'),
        (
            "a.json",
            '{"video_id": "a", "title": "t", '
            '"segments": [{"start": 1e308, "duration": 1e308, "text": "melt"}]}',
        ),
        ("a.json", '{"video_id": "a", "title": "t", "duration_s": 1e300, "segments": []}'),
    ],
)
def test_a_time_that_no_video_has_is_a_mistake(tmp_path: Path, name: str, content: str) -> None:
    assert "less than or equal to" in problem(write(tmp_path, name, content)).reason
