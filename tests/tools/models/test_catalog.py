"""Which model answers: the order of precedence, names with colons, and what cannot be reached."""

from typing import Any

import pytest
from langchain_openai import ChatOpenAI

from cliptrail.state.base import Tier
from cliptrail.state.errors import ModelRejected, UsageError
from cliptrail.tools.models.catalog import OFFLINE, Chosen, choose, connect
from cliptrail.tools.models.offline import OfflineChatModel
from cliptrail.tools.models.roles import ROLES, role
from cliptrail.tools.settings import Settings

KEY: dict[str, Any] = {"openai_api_key": "sk-test"}
LOCAL: dict[str, Any] = {"base_url": "http://127.0.0.1:9/v1"}
ALL = {"model": "a:all"}
OWN = {"model_powerful": "a:own"}


@pytest.mark.parametrize(
    ("option", "settings", "chosen"),
    [
        ("a:option", {**OWN, **ALL, **KEY}, "a:option"),
        ("", {**OWN, **ALL, **KEY}, "a:own"),
        ("", {**ALL, **KEY}, "a:all"),
        ("", {"model_cheap": "a:cheap", **ALL}, "a:all"),
        ("", {"model_cheap": "a:cheap"}, OFFLINE),
        ("", KEY, "openai:gpt-5.4"),
        ("", LOCAL, "openai:gpt-5.4"),
        ("", {}, OFFLINE),
        (OFFLINE, {**OWN, **KEY, **LOCAL}, OFFLINE),
        ("gpt-5.4", {}, "openai:gpt-5.4"),
        ("openai:gpt-5.4", LOCAL, "openai:gpt-5.4"),
        ("qwen3:8b", LOCAL, "openai:qwen3:8b"),
        ("openai:qwen3:8b", {}, "openai:qwen3:8b"),
        ("hf.co/org/model:Q4", LOCAL, "openai:hf.co/org/model:Q4"),
        ("anthropic:claude", KEY, "anthropic:claude"),
    ],
)
def test_the_first_that_is_set_is_chosen(
    option: str, settings: dict[str, Any], chosen: str
) -> None:
    assert str(choose("powerful", Settings(**settings), option)) == chosen


@pytest.mark.parametrize(
    ("tier", "name"),
    [("powerful", "gpt-5.4"), ("capable", "gpt-5.4-mini"), ("cheap", "gpt-5.4-nano")],
)
def test_each_tier_has_its_model(tier: Tier, name: str) -> None:
    assert choose(tier, Settings(**KEY)) == Chosen("openai", name)
    own: dict[str, Any] = {f"model_{tier}": "a:b"}
    assert choose(tier, Settings(**own)) == Chosen("a", "b")


BEYOND = "beyond this machine"


@pytest.mark.parametrize(
    ("name", "settings", "message", "next_step"),
    [
        ("openai:gpt-5.4", {}, "There is no key for openai:gpt-5.4", "OPENAI_API_KEY"),
        ("openai:gpt-5.4", {"openai_api_key": ""}, "There is no key", "CLIPTRAIL_BASE_URL"),
        ("offline:magic", {}, "no model offline:magic", OFFLINE),
        ("nobody:model", {}, "nobody:model cannot be used", "provider:model"),
        (":model", {}, ":model cannot be used", "provider:model"),
        ("ollama:qwen3", {}, "ollama:qwen3 cannot be used", "CLIPTRAIL_BASE_URL"),
        ("anthropic:claude", {}, "langchain-anthropic", "provider:model"),
        ("azure_openai:gpt", {}, "azure_openai:gpt cannot be used", "provider:model"),
    ],
)
def test_what_cannot_be_reached_is_told_with_a_way_out(
    name: str, settings: dict[str, Any], message: str, next_step: str
) -> None:
    here = Settings(**{"allow_model_requests": True, **settings})
    with pytest.raises(ModelRejected) as caught:
        connect(choose("cheap", here, name), here)
    assert message in caught.value.message
    assert next_step in caught.value.next_step


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("openai:gpt-5.4", ""),
        ("openai:gpt-5.4", "https://api.example.org/v1"),
        ("openai:gpt-5.4", "http://127.0.0.1.example.org/v1"),
        ("openai:gpt-5.4", "http://user:127.0.0.1@example.org/v1"),
    ],
)
def test_requests_beyond_this_machine_can_be_switched_off(name: str, url: str) -> None:
    here = Settings(base_url=url, allow_model_requests=False, **KEY)
    with pytest.raises(ModelRejected, match=BEYOND) as caught:
        connect(choose("cheap", here, name), here)
    assert "CLIPTRAIL_ALLOW_MODEL_REQUESTS" in caught.value.next_step


def test_another_provider_is_beyond_this_machine_whatever_the_address() -> None:
    here = Settings(allow_model_requests=False, **LOCAL)
    with pytest.raises(ModelRejected, match=BEYOND):
        connect(Chosen("anthropic", "claude"), here)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_server_on_this_machine_needs_neither_key_nor_leave(host: str) -> None:
    url = f"http://{host}:9/v1"
    here = Settings(base_url=url, allow_model_requests=False, model_timeout_s=3)
    model = connect(choose("cheap", here, "qwen3:8b"), here)
    assert isinstance(model, ChatOpenAI)
    assert (model.model_name, model.openai_api_base) == ("qwen3:8b", url)
    assert (model.request_timeout, model.max_retries) == (3, 0)


def test_the_offline_engine_is_always_there() -> None:
    here = Settings(allow_model_requests=False)
    assert isinstance(connect(choose("cheap", here), here), OfflineChatModel)


def test_a_key_does_not_show_in_what_is_printed() -> None:
    here = Settings(**KEY)
    model = connect(choose("cheap", here), here.model_copy(update={"allow_model_requests": True}))
    assert "sk-test" not in f"{here!r} {model!r}"


def test_a_role_of_ones_own_works_and_one_without_a_name_does_not() -> None:
    mine = role("taster")
    assert (mine.name, mine.kind, mine.tier) == ("taster", "work", "capable")
    assert all(role(name) is known for name, known in ROLES.items())
    with pytest.raises(UsageError, match="needs a role"):
        role("")
