"""`cliptrail key`: a key is printed once, listed by its name, and gone when it is removed."""

from cliptrail.tools.keys import owner_of
from cliptrail.tools.settings import settings
from tests.cli.command import invoke


def test_a_key_is_made_listed_and_removed() -> None:
    assert invoke("key", "list").out == ""
    made = invoke("key", "new", "alice")
    key = made.out.strip()
    assert (made.code, owner_of(key, settings())) == (0, "alice")
    assert "not shown again" in made.err
    listed = invoke("key", "list")
    assert (listed.out, listed.err) == ("alice\n", "")
    assert invoke("key", "remove", "alice").code == 0
    assert owner_of(key, settings()) == ""


def test_what_cannot_be_is_told_in_a_sentence() -> None:
    assert invoke("key", "new", "alice").code == 0
    for arguments, said in {
        ("new", "alice"): "There is a key named alice.",
        ("new", "../x"): "cannot be named",
        ("remove", "bob"): "holds no key bob.",
    }.items():
        ran = invoke("key", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
