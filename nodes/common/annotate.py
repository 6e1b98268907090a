"""The annotator: reads the request in a call of its own, when the run's options ask for it."""

from typing import Any

from langgraph.runtime import Runtime

from cliptrail.agents.context import AgentContext
from cliptrail.nodes.common.running import options, run_context, run_of, written
from cliptrail.prompts import annotate as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import NotesDraft
from cliptrail.state.errors import BudgetExceeded, ModelError, SourceError
from cliptrail.state.request import NamedSource, Notes
from cliptrail.state.research import ResearchState
from cliptrail.tools.sources.names import distinct


def to_notes(draft: NotesDraft) -> Notes:
    """A model's reading of the request as notes: stripped, without empty or double entries."""

    def lines(rows: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for row in rows if (text := row.strip())))

    return Notes(
        topic=draft.topic.strip(),
        channels=lines(draft.channels),
        facts_wanted=lines(draft.facts_wanted),
        constraints=lines(draft.constraints),
        output_file=draft.output_file.strip(),
        open_questions=lines(draft.open_questions),
    )


async def annotate(state: ResearchState, *, runtime: Runtime[Context]) -> dict[str, Any]:
    """Write the notes; does nothing unless the options say so or the notes are there."""
    run = run_of(state)
    if not options(run, runtime).annotate or run.notes.topic:
        return {}
    ctx = await run_context(run, runtime)
    notes = await notes_of(ctx, "The planner reads the request itself.")
    return written(ctx) if notes is None else {**written(ctx), "notes": notes}


async def notes_of(ctx: AgentContext, otherwise: str) -> Notes | None:
    """Have a model read the request.

    Args:
        ctx: of the node that wants to know.
        otherwise: what happens if no model can, for the trail.

    Returns:
        The notes, or None where no model could be had.
    """
    channels = await ctx.channels()
    messages = prompt.render(ctx.request, channels)
    try:
        draft = await ctx.ask("annotator", messages, NotesDraft)
    except (ModelError, BudgetExceeded) as error:
        ctx.note(f"{error} {otherwise}")
        return None
    return await notes_from(draft, ctx)


async def notes_from(draft: NotesDraft, ctx: AgentContext) -> Notes:
    """Return a model's reading of the request as notes, with its named sources looked up."""
    return await with_sources(to_notes(draft), ctx)


async def with_sources(notes: Notes, ctx: AgentContext) -> Notes:
    """Look up once what the names in the notes stand for, so that nobody has to guess later.

    A name that cannot be looked up now, because the source cannot be asked, stays unknown, and
    the trail says so.
    """
    found: list[NamedSource] = []
    for name in notes.channels:
        try:
            found.append(await ctx.resolve(name))
        except SourceError as error:
            ctx.note(f"What {name!r} stands for could not be looked up: {error}")
            found.append(NamedSource(name=name, kind="unknown"))
    return notes.model_copy(update={"sources": distinct(found)})
