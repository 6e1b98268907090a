"""Who calls, told from headers and address: for the server and for routes beside its API."""

from pathlib import Path

import pytest

from cliptrail.tools.keys import LOCAL, new_key
from cliptrail.tools.settings import settings
from cliptrail.web.auth import NotAllowed, files_of, who

HERE = {"host": "127.0.0.1:2024"}


def test_a_key_is_told_in_any_of_its_forms() -> None:
    key = new_key("alice", settings())
    assert who({"x-api-key": key}) == "alice"
    assert who({b"X-Api-Key": key.encode()}, "192.0.2.7") == "alice"
    assert who({"Authorization": f"bearer  {key} "}) == "alice"


@pytest.mark.parametrize("given", ["", "ct_wrong", "ct_wr\xf6ng", "\x00", " "])
def test_any_other_key_is_refused(given: str) -> None:
    new_key("alice", settings())
    with pytest.raises(NotAllowed):
        who(HERE | {"x-api-key": given}, "127.0.0.1")
    with pytest.raises(NotAllowed):
        who(HERE | {"authorization": f"Basic {given}"}, "127.0.0.1")


@pytest.mark.parametrize(
    ("host", "client", "allowed"),
    [
        ("127.0.0.1:2024", "127.0.0.1", True),
        ("[::1]:2024", "::1", True),
        ("localhost", "::ffff:127.0.0.1", True),
        ("127.0.0.1:2024", "192.0.2.7", False),
        ("127.0.0.1:2024", "", False),
        ("evil.example", "127.0.0.1", False),
        ("[", "127.0.0.1", False),
        ("", "127.0.0.1", False),
    ],
)
def test_without_keys_it_is_whoever_is_here(host: str, client: str, allowed: bool) -> None:
    if allowed:
        assert who({"host": host}, client) == LOCAL
        return
    with pytest.raises(NotAllowed, match="this machine only"):
        who({"host": host}, client)


def test_each_owner_has_a_folder(tmp_path: Path) -> None:
    assert files_of(LOCAL) == tmp_path / "out"
    assert files_of("alice") == tmp_path / "out" / "alice"
    strange = files_of("../../etc")  # who somebody is may come from another server's login
    assert strange.parent == tmp_path / "out"
    assert strange.name.isalnum()
