"""Settings of this installation, from the environment and `.env`."""

from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlparse

from platformdirs import user_data_path
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from cliptrail.state.errors import UsageError


def _at_home(path: Path) -> Path:
    """Return a path without its `~`, which a shell replaces, and a .env file does not."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path} is in nobody's home") from error


def _file_at_home(name: str) -> str:
    return str(_at_home(Path(name))) if name else ""


def _address(url: str) -> str:
    """Return an address back if it is one that a server can have."""
    try:
        parts = urlparse(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port that no machine has
        fits = False
    if url and not fits:
        raise ValueError(f"{url!r} is no address such as http://127.0.0.1:11434/v1")
    return url


def _key(key: SecretStr) -> SecretStr:
    """Return a key as it can stand in an HTTP header; what was pasted with it is taken off."""
    text = key.get_secret_value().strip()
    if not (text.isascii() and text.isprintable()):
        raise ValueError("a key has only ASCII characters")
    return SecretStr(text)


Key = Annotated[SecretStr, AfterValidator(_key)]
A_DAY_S = 86_400.0
"""Seconds: what is meant to wait longer waits for ever."""
Folder = Annotated[Path, AfterValidator(_at_home)]


class Settings(BaseSettings):
    """Everything that belongs to the installation rather than to one request.

    Each field is read from the environment as `CLIPTRAIL_<NAME>`, e.g. `CLIPTRAIL_DATA_DIR`.
    """

    model_config = SettingsConfigDict(
        env_prefix="CLIPTRAIL_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    data_dir: Folder = Field(default_factory=lambda: user_data_path("cliptrail"))
    """Where the library, the saved runs and the cache live."""
    output_dir: Folder = Path()
    """Folder in which guides are written unless `--output` names another; here by default."""
    library: Annotated[str, AfterValidator(_file_at_home)] = ""
    """Library file to use by default; empty for `library.sqlite` in the data folder."""
    any_path: bool = False
    """May a request name library files and folders outside the data and output folders? The
    command line sets this (its user owns the machine); a server must not."""

    keys: Annotated[str, AfterValidator(_file_at_home)] = ""
    """File with the hashes of the server's keys (`cliptrail key new NAME`); empty for `keys` in
    the data folder. Without any key the server answers this machine only."""
    api_keys: str = ""
    """The same in the environment, for machines without a disk of their own: `NAME:SHA256` of each
    key, separated by commas."""

    agents: str = ""
    """Python files with agents of your own, separated by commas; each is imported once."""
    patterns: str = ""
    """Python files with patterns of your own, separated by commas; each is imported once."""
    sources: str = ""
    """Python files with sources of videos of your own, separated by commas; each is imported
    once."""

    model: str = ""
    """Model for every tier, e.g. "openai:gpt-5.4-mini" or "offline:rules"; empty to choose: OpenAI
    when a key is set, the offline engine otherwise."""
    model_powerful: str = ""
    """Model of the tier "powerful"; empty for `model`."""
    model_capable: str = ""
    """Model of the tier "capable"; empty for `model`."""
    model_cheap: str = ""
    """Model of the tier "cheap"; empty for `model`."""
    base_url: Annotated[str, AfterValidator(_address)] = ""
    """OpenAI-compatible address, e.g. http://127.0.0.1:11434/v1 for Ollama; empty for OpenAI."""
    openai_api_key: Key | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    """Key for OpenAI (`OPENAI_API_KEY`)."""
    model_timeout_s: float = Field(default=120.0, gt=0, le=A_DAY_S)
    """Seconds that one model call may take."""
    model_retries: int = Field(default=2, ge=0, le=10)
    """How often a model call that failed in passing (429, 5xx, time limit) is tried again."""
    context_tokens: int = Field(default=100_000, ge=2_000, le=100_000_000)
    """Largest prompt that is sent to a model; longer transcripts are split, never cut."""
    allow_model_requests: bool = True
    """False refuses every model that is not on this machine: the switch that tests set."""

    youtube_api_key: Key | None = None
    """Key of the YouTube Data API v3; with it search uses the Data API."""
    youtube_search: str = ""
    """How to search YouTube: "yt-dlp", "data-api" or "community"; empty for the Data API with a
    key, yt-dlp without. "community" is LangChain's search; its package is archived upstream."""
    youtube_host: str = ""
    """host:port that stands in for YouTube, for tests against recorded responses."""
    youtube_timeout_s: float = Field(default=20.0, gt=0, le=A_DAY_S)
    """Seconds that one request to YouTube may take."""
    youtube_pause_s: float = Field(default=1.0, ge=0, le=A_DAY_S)
    """Mean pause before each request for a transcript, jittered, so as not to be blocked."""
    proxy: str = ""
    """HTTP or SOCKS proxy for YouTube."""
    languages: str = "en"
    """Caption languages, best first, separated by commas."""

    langsmith_tracing: bool | None = Field(default=None, validation_alias="LANGSMITH_TRACING")
    """Send a trace of every run to LangSmith."""
    langsmith_api_key: Key | None = Field(default=None, validation_alias="LANGSMITH_API_KEY")
    """Key for LangSmith."""
    langsmith_endpoint: Annotated[str, AfterValidator(_address)] = Field(
        default="", validation_alias="LANGSMITH_ENDPOINT"
    )
    """Address of your own LangSmith, or of the one in your region; empty for LangSmith's."""
    langsmith_project: str = Field(default="", validation_alias="LANGSMITH_PROJECT")
    """LangSmith project that the traces go to; empty for "default"."""
    trace_transcripts: bool = True
    """Show in traces what is said in videos; false hides transcripts, quotes and claims there."""

    @property
    def library_file(self) -> Path:
        """The library file used when a request names none."""
        return Path(self.library) if self.library else self.data_dir / "library.sqlite"

    @property
    def keys_path(self) -> Path:
        """The file with the hashes of the server's keys."""
        return Path(self.keys) if self.keys else self.data_dir / "keys"

    @property
    def served_file(self) -> Path:
        """The SQLite file in which the server keeps the checkpoints of its runs."""
        return self.data_dir / "served.sqlite"

    @property
    def store_file(self) -> Path:
        """The SQLite file of the server's store, which its clients may use."""
        return self.data_dir / "store.sqlite"

    @property
    def agent_files(self) -> tuple[Path, ...]:
        """The files with the user's own agents."""
        return _paths(self.agents)

    @property
    def pattern_files(self) -> tuple[Path, ...]:
        """The files with the user's own patterns."""
        return _paths(self.patterns)

    @property
    def source_files(self) -> tuple[Path, ...]:
        """The files with the user's own sources of videos."""
        return _paths(self.sources)

    @property
    def runs_file(self) -> Path:
        """The SQLite file that holds checkpoints and the list of threads."""
        return self.data_dir / "runs.sqlite"

    @property
    def caption_languages(self) -> tuple[str, ...]:
        """Caption languages, best first; English if none is named."""
        return tuple(filter(None, map(str.strip, self.languages.split(",")))) or ("en",)


def _paths(names: str) -> tuple[Path, ...]:
    return tuple(Path(name) for part in names.split(",") if (name := part.strip()))


@cache
def settings() -> Settings:
    """Return the settings of this process, read once.

    Raises:
        UsageError: a variable has a value that does not fit, or `.env` cannot be read.
    """
    try:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f".env cannot be read: {error}.", "Save it as UTF-8 text.") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        variable = name if name.startswith(("OPENAI", "LANGSMITH")) else f"CLIPTRAIL_{name}"
        raise UsageError(
            f"{variable} is not right: {first['msg'].removeprefix('Value error, ')}.",
            "Mend it in the environment or in .env.",
        ) from error
