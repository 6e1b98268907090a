"""Keys of the server: who may call it. Only their hashes are kept, in a file or the environment."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from cliptrail.state.errors import OutputError, UsageError
from cliptrail.tools.files import write_atomically
from cliptrail.tools.settings import Settings

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""Names become folders and labels of the store."""
PREFIX = "ct_"
LOCAL = "local"
"""Who calls where there are no keys: the person at this machine."""
LOCK_S = 10.0

_HASH = re.compile(r"[0-9a-f]{64}")


def hash_of(key: str) -> str:
    """Return what is kept of a key. Keys are random and long, so no salt is needed."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def known_keys(settings: Settings) -> dict[str, str]:
    """Return the hash of each key by its name, those of the environment first; reads the file anew.

    Raises:
        UsageError: the file or the variable is not as it should be.
    """
    return {**_of_file(settings.keys_path), **_of_environment(settings.api_keys)}


def owner_of(key: str, settings: Settings) -> str:
    """Return the name of a key; empty if it is none of ours.

    Raises:
        UsageError: the keys cannot be read.
    """
    given, owner = hash_of(key), ""
    for name, kept in known_keys(settings).items():  # all of them: the time taken tells nothing
        if hmac.compare_digest(given, kept):
            owner = name
    return owner


def new_key(name: str, settings: Settings) -> str:
    """Make a key, keep its hash in the file, and give it: nobody can read it later.

    Raises:
        UsageError: the name is taken or no name.
        OutputError: the file cannot be written.
    """
    if name == LOCAL or not NAME.fullmatch(name):
        raise UsageError(
            f"A key cannot be named {name!r}.",
            "Use up to 40 lower-case letters, digits, - and _; not “local”.",
        )
    with _held(settings.keys_path):
        if name in known_keys(settings):
            raise UsageError(f"There is a key named {name}.", "Choose another name, or remove it.")
        key = PREFIX + secrets.token_urlsafe(32)
        _write(settings.keys_path, {**_of_file(settings.keys_path), name: hash_of(key)})
    return key


def remove_key(name: str, settings: Settings) -> None:
    """Forget a key: from the next call on the server refuses it.

    Raises:
        UsageError: the file holds no key of that name.
        OutputError: the file cannot be written.
    """
    with _held(settings.keys_path):
        rows = _of_file(settings.keys_path)
        if name not in rows:
            where = "CLIPTRAIL_API_KEYS" if name in known_keys(settings) else "cliptrail key list"
            raise UsageError(f"{settings.keys_path} holds no key {name}.", f"See {where}.")
        del rows[name]
        _write(settings.keys_path, rows)


def _of_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The keys in {path} cannot be read: {error}.", "Mend the file."
        ) from error
    return _rows(text.splitlines(), str(path))


def _of_environment(text: str) -> dict[str, str]:
    return _rows(text.split(","), "CLIPTRAIL_API_KEYS")


def _rows(lines: list[str], where: str) -> dict[str, str]:
    rows: dict[str, str] = {}
    for line in filter(None, map(str.strip, lines)):
        name, _, kept = line.partition(":")
        if name == LOCAL or not (NAME.fullmatch(name) and _HASH.fullmatch(kept)):
            # Not quoted: who took it for the key itself must not find it in a log.
            raise UsageError(
                f"{where} holds something else than NAME:SHA256.",
                "Take it out, and make a key with: cliptrail key new NAME",
            )
        rows[name] = kept
    return rows


def _write(path: Path, rows: dict[str, str]) -> None:
    write_atomically(path, "".join(f"{name}:{kept}\n" for name, kept in sorted(rows.items())))


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the file while it is changed: of two changes at once none is lost."""
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_S)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, Timeout) as error:
        raise OutputError(f"{path} cannot be changed: {error}.", "Check CLIPTRAIL_KEYS.") from error
    try:
        yield
    finally:
        lock.release()
