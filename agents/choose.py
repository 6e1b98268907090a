"""The agent `choose`: decides between search and reading which of the found videos are worth it."""

from collections.abc import Iterable

from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agent
from cliptrail.plans.agents import Sizes
from cliptrail.prompts import choose as prompt
from cliptrail.prompts.choose import Candidate
from cliptrail.state.base import Frozen
from cliptrail.state.drafts import ChoiceDraft
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.media import Video
from cliptrail.state.plan import Cost

CLEAR = 0.6
"""Relevance from which a video is read without asking: of 100 videos that do not answer a request,
not one has as much."""
POOR = 0.25
"""Relevance below which a video is not read without asking, where another one is clear."""
LONGEST_PASSAGE = 400
"""Characters."""


class ChooseInput(Frozen):
    """What was found."""

    videos: tuple[Video, ...] = ()
    """Videos of one or several searches; each counts once."""
    limit: int = Field(default=6, ge=1, le=50)
    """Most videos to read."""


class ChooseOutput(Frozen):
    """What is worth reading."""

    videos: tuple[Video, ...] = ()
    """Best first."""
    passed_over: tuple[str, ...] = ()
    """Titles of the others."""


def _cost(sizes: Sizes) -> Cost:
    count = sizes.get("videos", 6)
    return Cost(calls=1, input_tokens=700 + 120 * count, output_tokens=150, seconds=3.0)


@agent(capabilities=("choose_videos",), cost=_cost, tier="cheap", accept_partial=True)
async def choose(inputs: ChooseInput, ctx: AgentContext) -> ChooseOutput:
    """Choose which found videos to read, by title, channel, length and best passage.

    One cheap model call, and none where their relevance leaves no doubt.
    """
    videos = distinct(inputs.videos)
    chosen = _clear(videos, inputs.limit)
    if chosen is None:
        try:
            chosen = await _asked(videos, inputs.limit, ctx)
        except (ModelError, BudgetExceeded) as error:
            ctx.note(f"{error} The most relevant videos are read.")
            chosen = by_relevance(videos)[: inputs.limit]
    names = {row.video_id for row in chosen}
    others = tuple(row.title for row in videos if row.video_id not in names)
    if others:
        ctx.note(f"Not read: {'; '.join(others)}.")
    return ChooseOutput(videos=tuple(chosen), passed_over=others)


def distinct(videos: Iterable[Video]) -> list[Video]:
    """Return each video once, in the order of the searches, with the best score that it had."""
    best: dict[str, Video] = {}
    for row in videos:
        if row.video_id not in best or row.score > best[row.video_id].score:
            best[row.video_id] = row
    return list(best.values())


def by_relevance(videos: list[Video]) -> list[Video]:
    """Return videos, the most relevant first; equally relevant ones in their order."""
    return sorted(videos, key=lambda row: -row.score)


def _clear(videos: list[Video], limit: int) -> list[Video] | None:
    """The choice where relevance leaves no doubt; None where somebody has to look."""
    if len(videos) < 2:
        return videos
    clear = [row for row in videos if row.score >= CLEAR]
    doubtful = [row for row in videos if POOR <= row.score < CLEAR]
    return by_relevance(clear) if clear and not doubtful and len(clear) <= limit else None


async def _asked(videos: list[Video], limit: int, ctx: AgentContext) -> list[Video]:
    passages = await ctx.passages(ctx.request, [row.video_id for row in videos])
    shown = [
        Candidate(
            id=f"c{number}",
            title=row.title,
            channel=row.channel,
            minutes=round(row.duration_s / 60),
            relevance=round(row.score, 2),
            passage=passages.get(row.video_id, "")[:LONGEST_PASSAGE],
        )
        for number, row in enumerate(videos, 1)
    ]
    messages = prompt.render(ctx.request, ctx.notes, ctx.brief, shown, limit)
    draft = await ctx.ask("choose", messages, ChoiceDraft)
    by_id = {row["id"]: video for row, video in zip(shown, videos, strict=True)}
    return [by_id[name] for name in dict.fromkeys(draft.read) if name in by_id][:limit]
