"""Settings from the environment and `.env`; a wrong value names its variable."""

import re
from pathlib import Path

import pytest

from cliptrail.state.errors import UsageError
from cliptrail.tools.settings import Settings, settings

WRONG = [
    ("CLIPTRAIL_ANY_PATH", "perhaps"),
    ("CLIPTRAIL_BASE_URL", "127.0.0.1:11434/v1"),
    ("CLIPTRAIL_BASE_URL", "http://[::1"),
    ("CLIPTRAIL_BASE_URL", "http://127.0.0.1:99999/v1"),
    ("CLIPTRAIL_CONTEXT_TOKENS", "1999"),
    ("CLIPTRAIL_CONTEXT_TOKENS", "9" * 5000),
    ("CLIPTRAIL_DATA_DIR", "~nobody-of-this-name/data"),
    ("CLIPTRAIL_MODEL_RETRIES", "11"),
    ("CLIPTRAIL_MODEL_TIMEOUT_S", "0"),
    ("CLIPTRAIL_MODEL_TIMEOUT_S", "inf"),
    ("CLIPTRAIL_YOUTUBE_API_KEY", "AIza\x1b"),
    ("CLIPTRAIL_YOUTUBE_PAUSE_S", "-1"),
    ("CLIPTRAIL_YOUTUBE_PAUSE_S", "nan"),
    ("CLIPTRAIL_YOUTUBE_PAUSE_S", "inf"),
    ("CLIPTRAIL_YOUTUBE_TIMEOUT_S", "soon"),
    ("OPENAI_API_KEY", "sk-é"),
]
each_wrong = pytest.mark.parametrize(("variable", "value"), WRONG)


@pytest.fixture
def dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.env` in the folder that the process is in, read as outside of tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    return tmp_path / ".env"


def set_to(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return settings()


def test_each_kind_of_value_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    found = set_to(
        monkeypatch,
        CLIPTRAIL_ANY_PATH="1",
        CLIPTRAIL_MODEL="openai:qwen3:8b",
        CLIPTRAIL_MODEL_RETRIES="0",
        CLIPTRAIL_YOUTUBE_PAUSE_S="0.5",
        OPENAI_API_KEY="sk-secret",
        CLIPTRAIL_YOUTUBE_API_KEY="AIza-secret",
    )
    assert found.any_path is True
    assert (found.model, found.model_retries) == ("openai:qwen3:8b", 0)
    assert found.youtube_pause_s == 0.5
    assert found.openai_api_key
    assert found.openai_api_key.get_secret_value() == "sk-secret"
    assert "secret" not in f"{found!r}{found}{found.model_dump_json()}"


def test_they_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings()
    monkeypatch.setenv("CLIPTRAIL_MODEL", "openai:x")
    assert settings() is found


def test_everything_lies_in_the_data_folder(installation: Path) -> None:
    assert settings().library_file == installation / "library.sqlite"
    assert settings().runs_file == installation / "runs.sqlite"


def test_home_is_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = set_to(
        monkeypatch,
        HOME=str(tmp_path),
        CLIPTRAIL_DATA_DIR="~/data",
        CLIPTRAIL_OUTPUT_DIR="~/out",
        CLIPTRAIL_LIBRARY="~/mine.sqlite",
    )
    assert (found.data_dir, found.output_dir) == (tmp_path / "data", tmp_path / "out")
    assert found.library_file == tmp_path / "mine.sqlite"


@pytest.mark.parametrize(
    ("written", "languages"),
    [("de", ("de",)), (" en-GB, de ,,", ("en-GB", "de")), (" , ", ("en",)), ("", ("en",))],
)
def test_languages(
    monkeypatch: pytest.MonkeyPatch, written: str, languages: tuple[str, ...]
) -> None:
    assert set_to(monkeypatch, CLIPTRAIL_LANGUAGES=written).caption_languages == languages


def test_agent_files_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().agent_files == ()
    found = set_to(monkeypatch, CLIPTRAIL_AGENTS="a.py, ~/my agents.py ,/b.py,")
    assert found.agent_files == (Path("a.py"), Path("~/my agents.py"), Path("/b.py"))


def test_the_file_of_examples_names_variables_that_there_are() -> None:
    text = (Path(__file__).parents[2] / ".env.example").read_text()
    named = {name.lower() for name in re.findall(r"^#CLIPTRAIL_(\w+)=", text, re.MULTILINE)}
    assert named
    assert named <= set(Settings.model_fields)


class TestDotEnv:
    def test_it_is_read_and_the_environment_comes_first(
        self, dotenv: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dotenv.write_text(
            "CLIPTRAIL_MODEL=openai:mine\nCLIPTRAIL_LANGUAGES=de\n"
            "OPENAI_API_KEY=sk-1\nSOMETHING_ELSE=1\nCLIPTRAIL_OF_LATER=1\n"
        )
        found = set_to(monkeypatch, CLIPTRAIL_LANGUAGES="fr")
        assert (found.model, found.languages) == ("openai:mine", "fr")
        assert found.openai_api_key
        assert found.openai_api_key.get_secret_value() == "sk-1"

    def test_one_that_is_no_text_is_told(self, dotenv: Path) -> None:
        dotenv.write_bytes(b"CLIPTRAIL_MODEL=\xff\xfe\n")
        with pytest.raises(UsageError, match=r"\.env cannot be read") as caught:
            settings()
        assert caught.value.next_step == "Save it as UTF-8 text."

    @each_wrong
    def test_a_wrong_value_in_it_names_the_variable(
        self, dotenv: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
    ) -> None:
        monkeypatch.delenv(variable, raising=False)
        dotenv.write_text(f"{variable}={value}\n")
        with pytest.raises(UsageError, match=f"^{variable} is not right"):
            settings()


@each_wrong
def test_a_wrong_value_names_the_variable_and_where_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    with pytest.raises(UsageError, match=f"^{variable} is not right: ") as caught:
        set_to(monkeypatch, **{variable: value})
    assert caught.value.next_step == "Mend it in the environment or in .env."
