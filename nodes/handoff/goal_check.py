"""The goal check: after its work an agent judges whether the user's goal is met, and hands on."""

import asyncio
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.nodes.common.growing_plan import finishing, grown, knowledge, of_this_run
from cliptrail.nodes.common.revisions import plan_made
from cliptrail.nodes.common.running import options, run_context, voice, written
from cliptrail.nodes.common.wrap_up import close, limit_reached
from cliptrail.nodes.handoff.board import Board, finished, handed_on
from cliptrail.nodes.handoff.joining import fan_in
from cliptrail.nodes.handoff.judging import MOST_RETRIES, Judgement, found, judge, results_of
from cliptrail.plans.setbacks import NO_REMEDY
from cliptrail.state.context import Context
from cliptrail.state.errors import Failure
from cliptrail.state.handoffs import FanOut, Handoff, Intent, Task
from cliptrail.state.path import Move, Turn
from cliptrail.state.plan import Revision, Step
from cliptrail.state.request import Stop, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.steps import StepResult


async def goal_check(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Judge all work that has ended; without a call where a rule tells."""
    return await _Pass(state, runtime).made()


class _Pass:
    """One pass over the work that has ended."""

    def __init__(self, state: ResearchState, runtime: Runtime[Context]) -> None:
        self.state = state
        self.runtime = runtime
        self.context = options(state, runtime)
        self.board = Board.of(state, voice(runtime))
        self.ctx: AgentContext | None = None
        known = len(knowledge(of_this_run(state)))
        idle = 0 if known > state.get("known", 0) else state.get("idle", 0) + 1
        self.counts = {"known": known, "idle": idle, "decisions": state.get("decisions", 0)}

    @property
    def update(self) -> dict[str, Any]:
        said = written(self.ctx) if self.ctx else {}
        return {**said, **self.counts, **self.board.update()}

    async def made(self) -> Command[str]:
        """Settle what a rule tells, have the rest judged, join what has come together."""
        open_ = [task for task in self.board.having("working") if not self.settled(task)]
        if open_ and (stop := limit_reached(self.state, self.context)):
            return self.closed(stop)
        if open_:
            self.counts["decisions"] += 1
            self.ctx = await run_context(self.state, self.runtime)
            asked = (judge(task, self.state, self.ctx, self.context) for task in open_)
            judged = dict(
                zip([task.id for task in open_], await asyncio.gather(*asked), strict=True)
            )
            if stop := next((said for said in judged.values() if isinstance(said, Stop)), None):
                return self.closed(stop)
            for name, said in judged.items():
                task = self.board.tasks[name]
                if isinstance(said, Judgement) and (ended := self.applied(task, said)):
                    return ended
        return self.onward(fan_in(self.board, self.state))

    # --- what needs no call ----------------------------------------------------------------------

    def settled(self, task: Task) -> bool:
        """Settle a task by rule, if one tells: a branch is complete when it found something."""
        results = results_of(task, self.state)
        failure = _failure(results)
        if failure:
            if task.group or failure.kind in NO_REMEDY:
                self.board.change(task, status="failed", failure=failure)
                self.moved(task, "close", (), task.intent.words, failure.message)
                return True
            return False
        done = found(results)
        spent = bool(task.group) and task.retries >= MOST_RETRIES
        if (done and (task.group or task.intent.last)) or spent:
            self.complete(task, "" if done else "It found nothing.")
            return True
        return False

    def complete(self, task: Task, reason: str) -> None:
        self.board.settle(task, finished(task))
        self.moved(task, "complete", (), task.intent.words, reason)

    def moved(self, task: Task, turn: Turn, to: tuple[str, ...], intent: str, reason: str) -> None:
        names = {step.id: step.agent for step in self.state["plan"].steps}
        agent = names[task.steps[-1]] if task.steps else "goal_check"
        self.board.move(Move(by=agent, turn=turn, to=to, intent=intent, reason=reason))

    # --- what was judged -------------------------------------------------------------------------

    def applied(self, task: Task, said: Judgement) -> Command[str] | None:
        """Put a judgement on the board; gives the command that ends the run, if it does."""
        if said.verdict in ("go_on", "try_other_words"):
            self.hand_on(task, said)
            return None
        if task.group:
            self.complete(task, said.reason)
            return None
        if said.verdict == "give_up":
            self.board.settle(task, finished(task))
            self.moved(task, "close", (), task.intent.words, said.reason)
            return self.given_up(said.reason)
        self.complete(task, said.reason)
        return self.composed(task)

    def hand_on(self, task: Task, said: Judgement) -> None:
        handed, again = handed_on(task), said.verdict == "try_other_words"
        to = tuple(dict.fromkeys(row.capability for row in said.next if row.capability))
        words = "; ".join(row.words for row in said.next)
        if len(said.next) > 1:
            join = Intent(words=said.join or "Put together what was found.")
            self.board.settle(task, FanOut(intents=said.next, join_intent=join, state=handed))
            self.moved(task, "fan_out", to, words, said.reason)
            return
        self.board.settle(task, Handoff(intent=said.next[0], state=handed), again=again)
        self.moved(task, "retry" if again else "handoff", to, words, said.reason)

    def composed(self, task: Task) -> Command[str] | None:
        """Have what was found composed, where the goal is said to be met without a guide of it."""
        steps = finishing(self.state)
        if not steps:
            return None
        reason = "What was found is not in a guide yet."
        names = tuple(step.id for step in steps)
        intent = Intent(words=reason, last=True)
        self.board.add(intent, state=handed_on(task), status="working", steps=names)
        self.board.move(Move(by="goal_check", turn="handoff", to=names, reason=reason))
        return self.grown(steps, reason)

    def given_up(self, reason: str) -> Command[str] | None:
        results = of_this_run(self.state)
        if failure := next((row.failure for row in results.values() if row.failure), None):
            return self.closed(stop_for(failure))
        claims = any(name.startswith("claim ") for name in knowledge(results))
        if claims:
            return self.closed(Stop(reason="inadequate", message=reason))
        only_videos = all(set(row.output or {}) == {"videos"} for row in results.values())
        if only_videos and knowledge(results):
            return self.closed(Stop(reason="no_evidence", message=reason))
        return None

    # --- where it goes on ------------------------------------------------------------------------

    def onward(self, joins: list[Step]) -> Command[str]:
        """Go on with what is open, put branches together, or come to the end."""
        failed = self.lost()
        if failed:
            return self.closed(stop_for(failed))
        if joins:
            waiting = self.board.having("open")
            return self.grown(joins, "Put together.", "router" if waiting else "dispatch")
        if self.board.having("open") or self.board.having("assigned"):
            return Command(update=self.update, goto="router")
        return Command(update=self.update, goto="save")

    def lost(self) -> Failure | None:
        """Why nothing follows: the last piece of the main way failed."""
        whole = [
            row.failure for row in self.board.groups.values() if row.failure and not row.parent
        ]
        main = [task for task in self.board.tasks.values() if not task.group]
        last = main[-1].failure if main else None
        return last or (whole[-1] if whole and not main else None)

    def grown(self, steps: list[Step], reason: str, goto: str = "dispatch") -> Command[str]:
        made = grown(self.state, steps, "goal_check", reason, self.context)
        if not isinstance(made, Revision):
            message = " ".join(map(str, made))
            return self.closed(Stop(reason="failure", message=message))
        voice(self.runtime)(plan_made(made, self.state))
        update = {**self.update, "plan": made.plan, "revisions": (made,)}
        return Command(update=update, goto=goto)

    def closed(self, stop: Stop) -> Command[str]:
        return close(self.state, self.runtime, "goal_check", stop, self.update)


def _failure(results: dict[str, StepResult]) -> Failure | None:
    """Why nothing came of steps; None if something did, or if there was nothing to be had."""
    if any(row.status == "done" for row in results.values()):
        return None
    told = next((row.failure for row in results.values() if row.failure), None)
    lost = (
        row.skip.message for row in results.values() if row.skip and row.skip.kind == "upstream"
    )
    message = next(lost, "")
    return told or (Failure(kind="input_missing", message=message) if message else None)
