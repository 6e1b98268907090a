"""The bundled samples as a library."""

from pathlib import Path

import pytest

from cliptrail.state.errors import LibraryError
from cliptrail.tools.library import bundled
from cliptrail.tools.library.bundled import bundled_library, bundled_transcripts


def sample(video_id: str, words: str, kind: str = "manual") -> bytes:
    segments = f'[{{"start": 0, "duration": 1, "text": "{words}"}}]' if words else "[]"
    return (
        f'{{"video_id": "{video_id}", "title": "A title", "source": {{"caption_kind": "{kind}"}}, '
        f'"segments": {segments}}}'
    ).encode()


def use(monkeypatch: pytest.MonkeyPatch, **samples: bytes) -> None:
    files = [(f"{name}.json", content) for name, content in samples.items()]
    monkeypatch.setattr(bundled, "_sample_files", lambda: files)


def test_every_bundled_sample_can_be_read_and_found(tmp_path: Path) -> None:
    transcripts = bundled_transcripts()
    assert transcripts
    assert len({transcript.video.video_id for transcript in transcripts}) == len(transcripts)
    with bundled_library(tmp_path) as library:
        assert library.count() == len(transcripts)
        first = transcripts[0]
        assert library.get(first.video.video_id) == first
        assert library.search(first.video.title)
    for transcript in transcripts:
        assert (transcript.video.captions == "none") == (not transcript.segments)


def test_it_is_built_once_and_again_when_samples_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "deep" / "cache"
    use(monkeypatch, a=sample("a", "butter"), b=sample("b", "", "none"))
    with bundled_library(cache) as library:
        path = library.path
        built = path.stat().st_mtime_ns
        assert library.count() == 2
        assert library.read_only
    with bundled_library(cache) as library:
        assert (library.path, path.stat().st_mtime_ns) == (path, built)
    use(monkeypatch, a=sample("a", "flour"), b=sample("b", "", "none"))
    with bundled_library(cache) as library:
        assert library.path != path
        assert library.search("flour")
    assert sorted(entry.suffix for entry in cache.iterdir()) == [".sqlite", ".sqlite"]


def test_a_damaged_sample_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, good=sample("a", "butter"), bad=b"{")
    with pytest.raises(LibraryError, match=r"bad\.json"):
        bundled_library(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="file"):
        bundled_library(tmp_path / "file")
