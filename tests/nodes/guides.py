"""What a composer answers, for tests."""

from typing import Any


def sentence(*ids: str, text: str = "") -> dict[str, Any]:
    return {"claims": list(ids), "text": text}


def block(*sentences: dict[str, Any], kind: str = "bullets", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "sentences": list(sentences), **more}


def section(*blocks: dict[str, Any], heading: str = "") -> dict[str, Any]:
    return {"heading": heading, "blocks": list(blocks)}


def listing(*ids: tuple[str, ...] | str, title: str = "Oil", **more: Any) -> dict[str, Any]:
    """A guide that shows claims in their own words; ids in one tuple are one statement."""
    rows = (sentence(*([row] if isinstance(row, str) else row)) for row in ids)
    return {"title": title, "sections": [section(block(*rows))], **more}
