"""Names of channels made comparable: people spell them as they remember them."""

import unicodedata


def channel_key(name: str) -> str:
    """Return a channel's name or handle as it is compared: letters and digits, caseless, no @.

    A name without any, such as a heart, is compared as it is. Libraries store this key, so what
    it gives must not change.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(filter(belongs_to_word, folded)) or folded.strip()


def same_channel(one: str, other: str) -> bool:
    """Are two names of a channel the same but for case, spaces, punctuation and a leading @?"""
    return channel_key(one) == channel_key(other) != ""


def belongs_to_word(sign: str) -> bool:
    """Is a character a letter, a digit, or a mark on one?"""
    return unicodedata.category(sign)[0] in "LNM"
