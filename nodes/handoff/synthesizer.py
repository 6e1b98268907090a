"""The synthesizer: looks once at the request, and hands on one intent or several that are free."""

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import described, offered
from cliptrail.nodes.common.annotate import to_notes
from cliptrail.nodes.common.running import options, run_context, voice, written
from cliptrail.nodes.handoff.board import Board
from cliptrail.nodes.handoff.faults import intent_faults, mended, to_intent
from cliptrail.prompts import synthesize as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import SynthesisDraft
from cliptrail.state.errors import BudgetExceeded, ModelError
from cliptrail.state.handoffs import FanOut, Intent
from cliptrail.state.path import Move
from cliptrail.state.request import stop_for
from cliptrail.state.research import ResearchState


async def synthesizer(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Read the request and put its first tasks on the board; a second try finds them there."""
    board = Board.of(state, voice(runtime))
    if board.tasks:
        waiting = board.having("open") or board.having("assigned")
        return Command(goto="router" if waiting else "dispatch")
    ctx = await run_context(state, runtime)
    try:
        draft = await _ask(state, ctx, options(state, runtime))
    except (ModelError, BudgetExceeded) as error:
        return Command(update={**written(ctx), "stop": stop_for(error)}, goto="save")
    _begin(draft, board)
    update = {**written(ctx), **board.update(), "notes": to_notes(draft.notes)}
    return Command(update=update, goto="router")


async def _ask(state: ResearchState, ctx: AgentContext, context: Context) -> SynthesisDraft:
    channels = await ctx.channels()
    known = [described(agent) for agent in offered().values()]

    async def ask(faults: list[str]) -> SynthesisDraft:
        messages = prompt.render(state["request"], channels, known, faults)
        return await ctx.ask("synthesizer", messages, SynthesisDraft)

    def faults_of(draft: SynthesisDraft) -> list[str]:
        if not draft.parts:
            return ["There is no part: say what comes first."]
        return intent_faults(draft.parts, (), {**state, "notes": to_notes(draft.notes)}, context)

    return await mended(ask, faults_of, ctx, context.max_revisions)


def _begin(draft: SynthesisDraft, board: Board) -> None:
    intents = tuple(map(to_intent, draft.parts))
    turn = "handoff" if len(intents) == 1 else "fan_out"
    if turn == "handoff":
        board.add(intents[0])
    else:
        join = Intent(words=draft.join.strip() or "Put together what was found.")
        board.fan_out(FanOut(intents=intents, join_intent=join), None)
    to = tuple(dict.fromkeys(row.capability for row in intents if row.capability))
    words = "; ".join(row.words for row in intents)
    board.move(Move(by="synthesizer", turn=turn, to=to, intent=words))
