"""Which model answers for a tier, and how to reach it."""

import re
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import urlparse

from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from cliptrail.state.base import Tier
from cliptrail.state.errors import CliptrailError, ModelRejected
from cliptrail.tools.models.connections import http_client
from cliptrail.tools.models.failures import first_line
from cliptrail.tools.models.offline import OfflineChatModel
from cliptrail.tools.models.providers import model_provider, provider_named, provider_names
from cliptrail.tools.settings import Settings

if TYPE_CHECKING:
    from langchain_openai.chat_models.base import BaseChatOpenAI

# The packages of the providers are imported where a model is connected: openai alone takes two
# seconds, and a run with the offline engine needs none of them.

OFFLINE = "offline:rules"
OPENAI_BY_TIER: dict[Tier, str] = {
    "powerful": "openai:gpt-5.4",
    "capable": "openai:gpt-5.4-mini",
    "cheap": "openai:gpt-5.4-nano",
}
"""What is used when an OpenAI key is set and no model is named."""

_OPENAI_NAMES = re.compile(r"(?:^|/)(?:gpt-(?!oss)|chatgpt|o\d)")
"""OpenAI's own models refuse max_tokens, behind other addresses too."""
_LENGTH_SETTINGS = ("max_tokens", "max_output_tokens", "num_predict")
"""What chat models of LangChain call the limit of an answer's length."""

# The gateway deals with servers that cannot do this, and notes it in the trail.
warnings.filterwarnings(
    "ignore", r"This model does not support OpenAI's structured|Invalid schema for OpenAI's"
)

# A streamed answer in JSON brings this for every call; what it warns of is read by nobody.
warnings.filterwarnings("ignore", r"(?s)Pydantic serializer warnings:.*field_name='parsed'")


@dataclass(frozen=True)
class Chosen:
    """A model by name."""

    provider: str
    name: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"

    @property
    def offline(self) -> bool:
        """Is it the offline engine?"""
        return self.provider == "offline"

    @property
    def local(self) -> bool:
        """Does it run on this machine as a part of cliptrail or of a plugin, at no price?"""
        provider = provider_named(self.provider)
        return provider is not None and provider.local

    @property
    def by_tools_only(self) -> bool:
        """Is it one of our own, which give structured output in one way?"""
        return self.provider in ("offline", "scripted")


def choose(tier: Tier, settings: Settings, model: str = "") -> Chosen:
    """Choose the model for a tier.

    The first that is set: `model`, the tier's own setting, the setting for all tiers, OpenAI if
    there is a key or an address, the offline engine.

    Args:
        tier: how strong it should be.
        settings: this installation's.
        model: what the run asks for, "provider:name"; a bare name means OpenAI's wire.
    """
    own = {
        "powerful": settings.model_powerful,
        "capable": settings.model_capable,
        "cheap": settings.model_cheap,
    }[tier]
    named = model or own or settings.model
    if not named:
        reachable = settings.openai_api_key or settings.base_url
        named = OPENAI_BY_TIER[tier] if reachable else OFFLINE
    provider, colon, name = named.partition(":")
    # A server's own names have colons too, such as "qwen3:8b".
    own_name = bool(settings.base_url) and provider not in provider_names()
    return Chosen(provider, name) if colon and not own_name else Chosen("openai", named)


def connect(chosen: Chosen, settings: Settings) -> BaseChatModel:
    """Return the LangChain chat model; no request is made.

    Raises:
        ModelRejected: the provider is unknown, its package is missing, or there is no key.
        UsageError: the provider's plugin cannot be loaded.
    """
    if not chosen.local:
        _check_allowed(chosen, settings)
    try:
        if provider := provider_named(chosen.provider):
            return provider.connect(chosen.name, settings)
        from langchain.chat_models import init_chat_model

        return init_chat_model(str(chosen), timeout=settings.model_timeout_s, max_retries=0)
    except CliptrailError:
        raise
    except Exception as error:  # each provider's package raises its own
        raise ModelRejected(
            f"The model {chosen} cannot be used: {first_line(error)}",
            "Name it as provider:model, e.g. openai:gpt-5.4-mini or offline:rules; for a server "
            "of your own, such as Ollama, set CLIPTRAIL_BASE_URL.",
        ) from error


@model_provider("offline", local=True)
def _offline(name: str, settings: Settings) -> BaseChatModel:
    if f"offline:{name}" != OFFLINE:
        raise ModelRejected(
            f"There is no model offline:{name}.", f"The offline engine is {OFFLINE}."
        )
    return OfflineChatModel()


def _check_allowed(chosen: Chosen, settings: Settings) -> None:
    host = urlparse(settings.base_url).hostname if settings.base_url else ""
    local = chosen.provider == "openai" and host in ("127.0.0.1", "localhost", "::1")
    if not (settings.allow_model_requests or local):
        raise ModelRejected(
            "Requests to models beyond this machine are switched off.",
            "Unset CLIPTRAIL_ALLOW_MODEL_REQUESTS, or use --model offline:rules.",
        )


@model_provider("openai")
def _openai(name: str, settings: Settings) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    key = settings.openai_api_key
    if not key and not settings.base_url:
        raise ModelRejected(
            f"There is no key for openai:{name}.",
            "Set OPENAI_API_KEY, or CLIPTRAIL_BASE_URL for a local server, "
            "or use --model offline:rules.",
        )
    more: dict[str, Any] = {"base_url": settings.base_url} if settings.base_url else {}
    return ChatOpenAI(
        model=name,
        api_key=key or SecretStr("none"),  # a local server wants any key
        timeout=settings.model_timeout_s,
        max_retries=0,
        # Whoever watches the tokens come makes it stream, and then usage has to be asked for.
        stream_usage=True,
        http_async_client=http_client(),
        **more,
    )


def capped(model: BaseChatModel, tokens: int) -> BaseChatModel | None:
    """Return the model with a limit to the length of its answers; None if it has no setting for it.

    Args:
        model: as `connect` gave it.
        tokens: the most that an answer may have.
    """
    if _is_openai(model):
        # Sent as max_completion_tokens, which other servers than OpenAI's may not know.
        own = not model.openai_api_base or _OPENAI_NAMES.search(model.model_name)
        more = {} if own else {"extra_body": {"max_tokens": tokens}}
        return model.model_copy(update={"max_tokens": tokens, **more})
    known = type(model).model_fields
    setting = next((name for name in _LENGTH_SETTINGS if name in known), None)
    return model.model_copy(update={setting: tokens}) if setting else None


def _is_openai(model: BaseChatModel) -> TypeGuard["BaseChatOpenAI"]:
    # No model comes from a package that nobody has imported.
    package = sys.modules.get("langchain_openai.chat_models.base")
    return package is not None and isinstance(model, package.BaseChatOpenAI)
