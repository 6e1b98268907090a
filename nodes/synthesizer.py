"""The synthesizer: looks once at the request, and hands on one intent or several that are free."""

from langgraph.runtime import Runtime
from langgraph.types import Command

from nodes.annotate import to_notes
from nodes.desk import Desk
from nodes.handoffs.board import Board
from nodes.handoffs.faults import intent_faults, mended, to_intent
from nodes.registry import described, offered
from nodes.running import desk_of, options, voice, written
from prompts import synthesize as prompt
from state.context import Context
from state.drafts import SynthesisDraft
from state.errors import BudgetExceeded, ModelError
from state.handoffs import FanOut, Intent
from state.path import Move
from state.request import stop_for
from state.research import ResearchState


async def synthesizer(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Read the request and put its first tasks on the board; a second try finds them there."""
    board = Board.of(state, voice(runtime))
    if board.tasks:
        waiting = board.having("open") or board.having("assigned")
        return Command(goto="router" if waiting else "dispatch")
    desk = await desk_of(state, runtime)
    try:
        draft = await _ask(state, desk, options(state, runtime))
    except (ModelError, BudgetExceeded) as error:
        return Command(update={**written(desk), "stop": stop_for(error)}, goto="save")
    _begin(draft, board)
    update = {**written(desk), **board.update(), "notes": to_notes(draft.notes)}
    return Command(update=update, goto="router")


async def _ask(state: ResearchState, desk: Desk, context: Context) -> SynthesisDraft:
    channels = await desk.channels()
    known = [described(agent) for agent in offered().values()]

    async def ask(faults: list[str]) -> SynthesisDraft:
        messages = prompt.render(state["request"], channels, known, faults)
        return await desk.ask("synthesizer", messages, SynthesisDraft)

    def faults_of(draft: SynthesisDraft) -> list[str]:
        if not draft.parts:
            return ["There is no part: say what comes first."]
        return intent_faults(draft.parts, (), {**state, "notes": to_notes(draft.notes)}, context)

    return await mended(ask, faults_of, desk, context.max_revisions)


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
