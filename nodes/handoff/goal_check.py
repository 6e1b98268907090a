"""The goal check: after its work an agent judges whether the user's goal is met, and hands on."""

import asyncio
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import Command

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents
from cliptrail.nodes.common.growing_plan import grown, guide_steps, knowledge
from cliptrail.nodes.common.revisions import plan_made
from cliptrail.nodes.common.running import event_writer, options, run_context, run_of, written
from cliptrail.nodes.common.wrap_up import limit_reached, wrap_up
from cliptrail.nodes.handoff.joining import fan_in
from cliptrail.nodes.handoff.judging import MOST_RETRIES, Judgement, found, judge, results_of
from cliptrail.nodes.handoff.tasks import HandoffTasks, finished, handed_on
from cliptrail.plans.replanning import SAME_FOR_ANY_PLAN
from cliptrail.plans.types import paths_to
from cliptrail.state.context import Context
from cliptrail.state.errors import Failure
from cliptrail.state.handoffs import FanOut, Handoff, Intent, Task
from cliptrail.state.media import Video
from cliptrail.state.path import Move, Turn
from cliptrail.state.plan import Revision, Step
from cliptrail.state.request import Stop, stop_for
from cliptrail.state.research import ResearchState
from cliptrail.state.results import Results
from cliptrail.state.run import Run
from cliptrail.state.steps import StepResult


async def goal_check(state: ResearchState, *, runtime: Runtime[Context]) -> Command[str]:
    """Judge the results of all tasks that have ended; without a call where a rule applies."""
    return await _Pass(run_of(state), runtime).made()


class _Pass:
    """One pass over the tasks whose steps have ended."""

    def __init__(self, run: Run, runtime: Runtime[Context]) -> None:
        self.run = run
        self.runtime = runtime
        self.context = options(run, runtime)
        self.tasks = HandoffTasks.of(run, event_writer(runtime))
        self.ctx: AgentContext | None = None
        known = len(knowledge(run.own_results))
        idle = 0 if known > run.known else run.idle + 1
        self.counts = {"known": known, "idle": idle, "decisions": run.decisions}

    @property
    def update(self) -> dict[str, Any]:
        said = written(self.ctx) if self.ctx else {}
        return {**said, **self.counts, **self.tasks.update()}

    async def made(self) -> Command[str]:
        """Settle by rule what can be, have the rest judged, join the branches that have ended."""
        open_ = [task for task in self.tasks.having("working") if not self.settled(task)]
        if open_ and (stop := limit_reached(self.run, self.context)):
            return self.wrapped_up(stop)
        if open_:
            self.counts["decisions"] += 1
            self.ctx = await run_context(self.run, self.runtime)
            asked = (judge(task, self.run, self.ctx, self.context) for task in open_)
            judged = dict(
                zip([task.id for task in open_], await asyncio.gather(*asked), strict=True)
            )
            if stop := next((said for said in judged.values() if isinstance(said, Stop)), None):
                return self.wrapped_up(stop)
            for name, said in judged.items():
                task = self.tasks.by_id[name]
                if isinstance(said, Judgement) and (ended := self.applied(task, said)):
                    return ended
        return self.onward(fan_in(self.tasks, self.run))

    # --- what needs no call ----------------------------------------------------------------------

    def settled(self, task: Task) -> bool:
        """Settle a task by rule, if one applies: a branch is complete when it found something."""
        results = results_of(task, self.run)
        failure = _failure(results)
        if failure:
            if task.group or failure.kind in SAME_FOR_ANY_PLAN:
                self.tasks.change(task, status="failed", failure=failure)
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
        self.tasks.settle(task, finished(task))
        self.moved(task, "complete", (), task.intent.words, reason)

    def moved(self, task: Task, turn: Turn, to: tuple[str, ...], intent: str, reason: str) -> None:
        names = {step.id: step.agent for step in self.run.plan.steps}
        agent = names[task.steps[-1]] if task.steps else "goal_check"
        self.tasks.move(Move(by=agent, turn=turn, to=to, intent=intent, reason=reason))

    # --- what was judged -------------------------------------------------------------------------

    def applied(self, task: Task, said: Judgement) -> Command[str] | None:
        """Carry out a judgement; returns the command that ends the run, if it does."""
        if said.verdict in ("go_on", "try_other_words"):
            self.hand_on(task, said)
            return None
        if task.group:
            self.complete(task, said.reason)
            return None
        if said.verdict == "give_up":
            self.tasks.settle(task, finished(task))
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
            self.tasks.settle(task, FanOut(intents=said.next, join_intent=join, state=handed))
            self.moved(task, "fan_out", to, words, said.reason)
            return
        self.tasks.settle(task, Handoff(intent=said.next[0], state=handed), again=again)
        self.moved(task, "retry" if again else "handoff", to, words, said.reason)

    def composed(self, task: Task) -> Command[str] | None:
        """Have what was found composed, where the goal is judged to be met without a guide."""
        steps = guide_steps(self.run)
        if not steps:
            return None
        reason = "What was found is not in a guide yet."
        names = tuple(step.id for step in steps)
        intent = Intent(words=reason, last=True)
        self.tasks.add(intent, state=handed_on(task), status="working", steps=names)
        self.tasks.move(Move(by="goal_check", turn="handoff", to=names, reason=reason))
        return self.grown(steps, reason)

    def given_up(self, reason: str) -> Command[str] | None:
        results = self.run.own_results
        if failure := next((row.failure for row in results.values() if row.failure), None):
            return self.wrapped_up(stop_for(failure))
        if any(claim.verified for claim in results.claims()):
            return self.wrapped_up(Stop(reason="inadequate", message=reason))
        only_videos = all(row.output and _only_videos(row) for row in results.values())
        if only_videos and knowledge(results):
            return self.wrapped_up(Stop(reason="no_evidence", message=reason))
        return None

    # --- where it goes on ------------------------------------------------------------------------

    def onward(self, joins: list[Step]) -> Command[str]:
        """Continue with open tasks, join branches, or end the run."""
        if failure := self.failed():
            return self.wrapped_up(stop_for(failure))
        if joins:
            waiting = self.tasks.having("open")
            return self.grown(joins, "Put together.", "router" if waiting else "dispatch")
        if self.tasks.having("open") or self.tasks.having("assigned"):
            return Command(update=self.update, goto="router")
        return Command(update=self.update, goto="save")

    def failed(self) -> Failure | None:
        """Why nothing follows: the last task of the main path failed."""
        whole = [
            row.failure for row in self.tasks.groups.values() if row.failure and not row.parent
        ]
        main = [task for task in self.tasks.by_id.values() if not task.group]
        last = main[-1].failure if main else None
        return last or (whole[-1] if whole and not main else None)

    def grown(self, steps: list[Step], reason: str, goto: str = "dispatch") -> Command[str]:
        made = grown(self.run, steps, "goal_check", reason, self.context)
        if not isinstance(made, Revision):
            message = " ".join(map(str, made))
            return self.wrapped_up(Stop(reason="failure", message=message))
        event_writer(self.runtime)(plan_made(made, self.run))
        update = {**self.update, "plan": made.plan, "revisions": (made,)}
        return Command(update=update, goto=goto)

    def wrapped_up(self, stop: Stop) -> Command[str]:
        return wrap_up(self.run, self.runtime, "goal_check", stop, self.update)


def _only_videos(result: StepResult) -> bool:
    """Does the agent that did a step give videos and nothing else?"""
    gives = agents()[result.agent].output
    return [f".{name}" for name in gives.model_fields] == paths_to(gives, Video)


def _failure(results: Results) -> Failure | None:
    """Why steps gave nothing; None if they gave something, or if there was nothing to find."""
    if any(row.status == "done" for row in results.values()):
        return None
    told = next((row.failure for row in results.values() if row.failure), None)
    lost = (
        row.skip.message for row in results.values() if row.skip and row.skip.kind == "upstream"
    )
    message = next(lost, "")
    return told or (Failure(kind="input_missing", message=message) if message else None)
