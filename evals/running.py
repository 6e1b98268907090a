"""Runs requests with the offline engine, in an installation of their own that is thrown away."""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from cliptrail.graphs.registry import pattern_named
from cliptrail.state.context import Context
from cliptrail.state.errors import UsageError
from cliptrail.state.research import ResearchInput
from cliptrail.state.trail import Trail
from cliptrail.tools.checkpoints import serializer
from cliptrail.tools.models.connections import closing
from cliptrail.tools.settings import settings

MODEL = "offline:rules"
TRAIL_SUFFIX = ".trail.json"


@contextmanager
def installation() -> Iterator[Path]:
    """Stand in for this machine's settings: an empty folder, no keys, no model but our own.

    Gives the folder; libraries may lie in its `data`.
    """
    with tempfile.TemporaryDirectory(prefix="cliptrail-") as name:
        folder = Path(name)
        (folder / "data").mkdir()
        own = {
            "CLIPTRAIL_DATA_DIR": str(folder / "data"),
            "CLIPTRAIL_OUTPUT_DIR": str(folder / "out"),
            "CLIPTRAIL_ALLOW_MODEL_REQUESTS": "false",
        }
        before = {key: os.environ.get(key) for key in own}
        os.environ |= own
        settings.cache_clear()
        try:
            yield folder
        finally:
            for key, value in before.items():
                if value is None:
                    del os.environ[key]
                else:
                    os.environ[key] = value
            settings.cache_clear()


def trail_of_run(
    given: ResearchInput,
    pattern: str,
    library: str,
    out: Path,
    options: Mapping[str, Any] = MappingProxyType({}),
) -> Trail:
    """Run one request until its tail and give the trail that it wrote.

    Args:
        given: the request, or a stored plan with its request.
        pattern: how the agents coordinate.
        library: its file, or "samples".
        out: folder for guide and trail.
        options: further options of the run.

    Raises:
        UsageError: there is no such pattern, or no trail could be written.
    """
    graph = pattern_named(pattern).build().compile(checkpointer=InMemorySaver(serde=serializer()))
    config: RunnableConfig = {"configurable": {"thread_id": "one"}, "recursion_limit": 10_000}
    own = {"library": library, "output_dir": str(out), "model": MODEL}
    context = Context(approval="auto", overwrite=True, **{**options, **own})
    result = asyncio.run(closing(graph.ainvoke(given, config, context=context)))
    written = [name for name in result["files"] if name.endswith(TRAIL_SUFFIX)]
    if not written:
        raise UsageError(f"The run wrote no trail: {result['message']}", "Mend that, and repeat.")
    return Trail.model_validate_json(Path(written[0]).read_bytes())
