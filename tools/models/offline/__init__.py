"""The offline engine: a chat-model provider that answers by rules. It is not a language model."""

from cliptrail.tools.models.offline.chat import OfflineChatModel

__all__ = ["OfflineChatModel"]
