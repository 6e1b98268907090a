"""What differs between systems: names that mean devices, rights, and disks without hard links."""

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.errors import OutputError, UsageError
from cliptrail.tools.files import confined, safe_name, slug, write_atomically, write_new

DEVICES = ["con", "Aux", "NUL", "com1", "lpt9", "COM0", "com¹", "LPT³"]
ANY_CHARACTER = st.text(st.characters())  # halves of surrogate pairs too


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", ["{}", "{}.md", "{} .md", "{}.notes.md", "a/{}.md"])
def test_a_name_that_means_a_device_somewhere_is_no_file_name(device: str, name: str) -> None:
    stem = safe_name(name.format(device)).split(".")[0].strip()
    assert stem.lower() not in [row.lower() for row in DEVICES]


@pytest.mark.parametrize("request_", ["Con?", "aux", "What is NUL?"])
def test_a_request_that_sounds_like_a_device_gives_a_name_all_the_same(request_: str) -> None:
    name = safe_name("", default=slug(request_))
    assert name in ("guide.md", "what_is_nul.md")


@given(ANY_CHARACTER)
def test_names_are_made_of_any_text(text: str) -> None:
    name = safe_name(text, default=slug(text))
    assert name.encode().decode() == safe_name(name)
    assert confined(Path("/out"), name).parent == Path("/out")


NO_PLACES = ["a\0b.md"] if sys.version_info >= (3, 13) else ["a\0b.md", "self.md"]
"""Names that lead nowhere; a link to itself is a place from Python 3.13 on."""


@pytest.mark.parametrize("name", NO_PLACES)
def test_what_is_no_place_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "self.md").symlink_to("self.md")
    with pytest.raises(UsageError, match="leads out of the output folder"):
        confined(tmp_path, name)


def test_a_link_in_its_place_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("mine")
    (tmp_path / "x.md").symlink_to(tmp_path / "private.txt")
    write_atomically(tmp_path / "x.md", "guide")
    assert (tmp_path / "private.txt").read_text() == "mine"
    assert (tmp_path / "x.md").read_text() == "guide"
    assert not (tmp_path / "x.md").is_symlink()


@pytest.fixture
def private() -> Iterator[None]:
    """A user whose files nobody else may read."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("private")
def test_files_have_the_rights_that_the_user_gives_to_files(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x.md", "guide")
    write_new(tmp_path / "y.md", "guide")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.fixture
def disk_without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system such as FAT."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("disk_without_links")
def test_a_disk_without_links_takes_a_new_file_once(tmp_path: Path) -> None:
    assert write_new(tmp_path / "x.md", "first")
    assert not write_new(tmp_path / "x.md", "second")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.md", "first")]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may write")
def test_a_folder_that_must_not_be_written_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission denied"):
            write_atomically(tmp_path / "x.md", "guide")
    finally:
        tmp_path.chmod(0o700)
