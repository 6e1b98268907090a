"""The synthesizer: reads the request once, and hands on one intent or several independent ones."""

from collections.abc import Sequence
from dataclasses import replace

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import described, offered
from cliptrail.nodes.common.annotate import notes_from, to_notes
from cliptrail.nodes.common.ask_until_valid import ask_until_valid
from cliptrail.nodes.common.running import event_writer, options, run_context, run_of, written
from cliptrail.nodes.handoff.faults import intent_faults, to_intent
from cliptrail.nodes.handoff.tasks import HandoffTasks
from cliptrail.prompts import synthesize as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import SynthesisDraft
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.handoffs import FanOut, Intent
from cliptrail.state.path import Move
from cliptrail.state.request import stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.run import Run


async def synthesizer(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Read the request and add its first tasks; in a retry they are there already."""
    run = run_of(state)
    tasks = HandoffTasks.of(run, event_writer(runtime))
    if tasks.by_id:
        waiting = tasks.having("open") or tasks.having("assigned")
        return Command(goto="router" if waiting else "dispatch")
    ctx = await run_context(run, runtime)
    try:
        draft = await _ask(run, ctx, options(run, runtime))
    except (ModelError, BudgetExceeded) as error:
        return Command(update={**written(ctx), "stop": stop_for(error)}, goto="save")
    _begin(draft, tasks)
    notes = await notes_from(draft.notes, ctx)
    update = {**written(ctx), **tasks.update(), "notes": notes}
    return Command(update=update, goto="router")


async def _ask(run: Run, ctx: AgentContext, context: Context) -> SynthesisDraft:
    channels = await ctx.channels()
    known = [described(agent) for agent in offered().values()]

    async def ask(faults: Sequence[str]) -> SynthesisDraft:
        messages = prompt.render(run.request, channels, known, list(faults))
        return await ctx.ask("synthesizer", messages, SynthesisDraft)

    def faults_of(draft: SynthesisDraft) -> list[str]:
        if not draft.parts:
            return ["There is no part: say what comes first."]
        return intent_faults(draft.parts, (), replace(run, notes=to_notes(draft.notes)), context)

    return await ask_until_valid(ask, faults_of, ctx, max_revisions=context.max_revisions)


def _begin(draft: SynthesisDraft, tasks: HandoffTasks) -> None:
    intents = tuple(map(to_intent, draft.parts))
    turn = "handoff" if len(intents) == 1 else "fan_out"
    if turn == "handoff":
        tasks.add(intents[0])
    else:
        join = Intent(words=draft.join.strip() or "Put together what was found.")
        tasks.fan_out(FanOut(intents=intents, join_intent=join), None)
    to = tuple(dict.fromkeys(row.capability for row in intents if row.capability))
    words = "; ".join(row.words for row in intents)
    tasks.move(Move(by="synthesizer", turn=turn, to=to, intent=words))
