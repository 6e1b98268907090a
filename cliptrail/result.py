"""What a run comes to: its guide, its trail, and how it ended."""

from pathlib import Path

from cliptrail.state.base import Frozen
from cliptrail.state.evidence import Guide
from cliptrail.state.request import Status
from cliptrail.state.trail import Trail


class Result(Frozen):
    """How a run ended. A notebook shows it as the guide."""

    thread: str
    """Id of the thread, for follow-up questions and for another try."""
    status: Status
    """Whether there is a guide, and whether it is whole."""
    message: str
    """What was done and why it ended so, in words."""
    guide: Guide | None
    """The answer: verified claims with their citations; None without evidence."""
    trail: Trail
    """The plan, what happened, every model call with its price, every claim with its evidence."""
    files: tuple[Path, ...]
    """What was written: the guide, if there is one, and the trail."""

    @property
    def markdown(self) -> str:
        """The guide as Markdown with footnotes, as it was written; empty without a guide."""
        # Imported here: a type of the public API should not load the engine.
        from cliptrail.nodes.finish.markdown import render

        if self.guide is None:
            return ""
        sources = {row.video_id: row for row in self.trail.sources}
        return render(self.guide, sources, engine=self.trail.engine)

    def _repr_markdown_(self) -> str:
        """Show the guide in a notebook; without one, say why there is none."""
        return self.markdown or self.message
