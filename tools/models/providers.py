"""The providers of models that cliptrail connects itself, and how others are added.

`connect` of the catalog asks LangChain's `init_chat_model` for every other provider. A distribution
adds one by an entry point of the group `cliptrail.models`, named as the provider.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel

from cliptrail.state.errors import UsageError
from cliptrail.tools.plugins import distribution_of, load_plugin, plugins
from cliptrail.tools.settings import Settings

Connect = Callable[[str, Settings], BaseChatModel]
"""From a model's name, without its provider, and this installation's settings."""
OURS = {
    "offline": "cliptrail.tools.models.catalog",
    "openai": "cliptrail.tools.models.catalog",
    "scripted": "cliptrail.tools.models.scripted",
}
"""The modules that register our own providers."""


@dataclass(frozen=True)
class Provider:
    """Where models come from: what stands before the colon of a model's name."""

    name: str
    connect: Connect = field(repr=False)
    local: bool
    """Do its models run on this machine? Then they cost nothing, and are never switched off."""


_PROVIDERS: dict[str, Provider] = {}


def model_provider(name: str, *, local: bool = False) -> Callable[[Connect], Connect]:
    """Register a provider of models by the function that connects to one.

    Args:
        name: what stands before the colon of its models' names.
        local: do its models run on this machine?

    Raises:
        UsageError: the name is taken.
    """

    def register(connect: Connect) -> Connect:
        if name in _PROVIDERS:
            raise UsageError(f"There are two model providers named {name!r}.", "Rename one.")
        _PROVIDERS[name] = Provider(name, connect, local)
        return connect

    return register


def provider_names() -> frozenset[str]:
    """Return the names of the providers that are registered here; nothing is imported."""
    return frozenset(OURS) | frozenset(_PROVIDERS) | frozenset(plugins("cliptrail.models"))


def provider_named(name: str) -> Provider | None:
    """Return a provider; None if none of that name is registered here.

    Raises:
        UsageError: its plugin cannot be loaded.
    """
    if name in _PROVIDERS:
        return _PROVIDERS[name]
    if name in OURS:
        importlib.import_module(OURS[name])
    elif plugin := plugins("cliptrail.models").get(name):
        load_plugin(plugin)
        if name not in _PROVIDERS:
            raise UsageError(
                f"The plugin {name!r} of {distribution_of(plugin)} registers no model provider of "
                "that name.",
                f'Register it there with @model_provider("{name}"), or uninstall that package.',
            )
    return _PROVIDERS.get(name)
