"""Keys of the server: made once, kept as hashes, refused when they are not what they should be."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cliptrail.state.errors import CliptrailError, OutputError, UsageError
from cliptrail.tools.keys import hash_of, known_keys, new_key, owner_of, remove_key
from cliptrail.tools.settings import Settings


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def test_a_key_tells_its_owner_and_the_file_does_not_tell_the_key(here: Settings) -> None:
    keys = {name: new_key(name, here) for name in ("alice", "bob")}
    assert len(set(keys.values())) == 2
    assert {owner_of(key, here) for key in keys.values()} == {"alice", "bob"}
    kept = here.keys_path.read_text()
    assert not any(key in kept for key in keys.values())
    assert owner_of(keys["alice"] + "x", here) == owner_of("", here) == ""


def test_a_removed_key_is_nobodys(here: Settings) -> None:
    key = new_key("alice", here)
    remove_key("alice", here)
    assert (owner_of(key, here), known_keys(here)) == ("", {})
    with pytest.raises(UsageError, match="holds no key alice"):
        remove_key("alice", here)


def test_a_key_can_stand_in_the_environment(tmp_path: Path) -> None:
    given = f" alice:{hash_of('one')}, bob:{hash_of('two')} ,"
    here = Settings(data_dir=tmp_path, api_keys=given)
    new_key("carol", here)
    assert list(known_keys(here)) == ["carol", "alice", "bob"]
    assert owner_of("two", here) == "bob"
    with pytest.raises(UsageError, match="CLIPTRAIL_API_KEYS"):
        remove_key("bob", here)
    with pytest.raises(UsageError, match="There is a key named alice"):
        new_key("alice", here)


@pytest.mark.parametrize("name", ["", "Alice", "a.b", "../a", "local", "a" * 41, "-a", "ä"])
def test_a_name_is_a_folder_and_a_label(here: Settings, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be named"):
        new_key(name, here)
    assert not here.keys_path.exists()


@pytest.mark.parametrize(
    "text", ["alice", "alice:ct_secret", "Alice:" + "0" * 64, "ct_secret", b"\xff"]
)
def test_a_file_with_something_else_is_refused_and_not_quoted(
    here: Settings, text: str | bytes
) -> None:
    here.keys_path.parent.mkdir()
    here.keys_path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(UsageError) as caught:
        known_keys(here)
    assert "ct_secret" not in str(caught.value)
    assert caught.value.next_step


def test_of_many_that_are_made_at_once_none_is_lost(here: Settings) -> None:
    names = [f"key{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: new_key(name, here), names))
    assert sorted(known_keys(here)) == sorted(names)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CliptrailError) as caught:
        new_key("alice", Settings(keys=str(tmp_path / "file" / "keys")))
    assert isinstance(caught.value, OutputError | UsageError)
