"""The judgement of an agent's work: is the user's goal met, and if not, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.messages import BaseMessage

from cliptrail.agents.context import AgentContext
from cliptrail.agents.registry import agents, described, offered
from cliptrail.nodes.common.ask_until_valid import ask_until_valid
from cliptrail.nodes.common.growing_plan import knowledge
from cliptrail.nodes.common.prompt_memory import LONGER, Blocks, fitted, result, too_long
from cliptrail.nodes.common.result_summaries import result_summaries
from cliptrail.nodes.handoff.faults import intent_faults, to_intent
from cliptrail.nodes.handoff.tasks import handed_on
from cliptrail.nodes.handoff.wiring import next_in_chain
from cliptrail.plans.types import paths_to
from cliptrail.prompts import goal_check as prompt
from cliptrail.state.context import Context
from cliptrail.state.drafts import GoalDraft
from cliptrail.state.errors import BudgetExceeded, ModelError, ModelUnavailable
from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.handoffs import Intent, Task
from cliptrail.state.request import Stop, stop_for
from cliptrail.state.results import Results
from cliptrail.state.run import Run
from cliptrail.tools.models.gateway import count_tokens

MOST_RETRIES = 2
"""How often a task that found nothing is tried in other words."""


@dataclass(frozen=True)
class Judgement:
    """What was judged of a task's work."""

    verdict: Literal["met", "go_on", "try_other_words", "give_up"]
    reason: str = ""
    next: tuple[Intent, ...] = ()
    join: str = ""


def results_of(task: Task, run: Run) -> Results:
    """Return the results of a task's steps."""
    return run.results.of_steps(task.steps)


def found(results: Results) -> bool:
    """Did steps find anything? A verified claim, a video, a transcript, an answer."""
    known = agents()
    others = (
        output
        for name, output in results.json_outputs().items()
        if not paths_to(known[results[name].agent].output, Claim)
    )
    return bool(knowledge(results)) or any(any(output.values()) for output in others)


async def judge(task: Task, run: Run, ctx: AgentContext, context: Context) -> Judgement | Stop:
    """Ask whether the user's goal is met after a task's work.

    A model that does not answer in time is no reason to stop: the work is handed on by rule.

    Args:
        task: of which the work has ended.
        run: the run so far.
        ctx: where the model is asked.
        context: the run's options.

    Returns:
        The judgement, or why the run must be closed.
    """
    try:
        draft = await _Question(task, run, ctx, context).answer()
    except ModelUnavailable as error:
        by_rule = in_chain(task, run)
        what = f"handed on to {by_rule.next[0].capability}" if by_rule.next else by_rule.verdict
        ctx.note(f"{error} Judged by rule: {what}.")
        return by_rule
    except (ModelError, BudgetExceeded) as error:
        return stop_for(error)
    intents = tuple(map(to_intent, draft.next))
    return Judgement(draft.verdict, draft.reason.strip(), intents, draft.join.strip())


def in_chain(task: Task, run: Run) -> Judgement:
    """Judge by rule: the next of the chain for which there is something new."""
    if intent := next_in_chain(handed_on(task), run):
        return Judgement("go_on", "By rule, for the model gave no answer.", (intent,))
    results = results_of(task, run)
    known = offered()
    made = any(known[row.agent].output is Guide for row in results.values() if row.agent in known)
    if made and found(results):
        return Judgement("met", "By rule: there is a guide.")
    return Judgement("give_up", "By rule: nothing follows from what was found.")


@dataclass
class _Question:
    """What a model is asked about one task."""

    task: Task
    run: Run
    ctx: AgentContext
    context: Context
    known: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.known = [described(agent) for agent in offered().values()]

    async def answer(self) -> GoalDraft:
        """Ask until there is a judgement without faults.

        Raises:
            BadAnswer: the last answer still has faults.
            BudgetExceeded: no room for one more call, or the prompt cannot be short enough.
            ModelError: the model gave no answer.
        """
        return await ask_until_valid(
            self.ask, self.faults, self.ctx, max_revisions=self.context.max_revisions
        )

    async def ask(self, faults: Sequence[str]) -> GoalDraft:
        return await self.ctx.ask("goal_check", self.messages(faults), GoalDraft)

    @property
    def tries_left(self) -> int:
        empty = not found(results_of(self.task, self.run))
        return max(0, MOST_RETRIES - self.task.retries) if empty else 0

    def messages(self, faults: Sequence[str]) -> list[BaseMessage]:
        """Return the prompt; what is older is told in short, where it would be too long."""
        plan, most = self.run.plan, self.context.max_context
        done = result_summaries(plan.steps, self.run.own_results, self.run.notes)

        def rows(older: Blocks) -> list[BaseMessage]:
            return self.rendered([*older.get("done", []), *done[-1:]], faults)

        memory = fitted(
            [result("done", entry) for entry in done[:-1]],
            lambda older: count_tokens(rows(older), GoalDraft) <= most,
        )
        if memory is None:
            size = count_tokens(rows({}), GoalDraft)
            raise BudgetExceeded(too_long("goal check", size, most), LONGER)
        if said := memory.told("goal check"):
            self.ctx.note(said)
        return rows(memory.blocks)

    def rendered(self, done: list[dict[str, Any]], faults: Sequence[str]) -> list[BaseMessage]:
        notes = self.run.notes.model_dump(exclude_defaults=True)
        shown = {**self.task.intent.model_dump(exclude_defaults=True), "steps": self.task.steps}
        request = self.run.request
        return prompt.render(request, notes, self.known, done, shown, self.tries_left, list(faults))

    def faults(self, draft: GoalDraft) -> list[str]:
        ends = draft.verdict in ("met", "give_up")
        if ends:
            return []
        if not draft.next:
            return [f'"{draft.verdict}" needs to say what comes next.']
        if draft.verdict == "try_other_words" and not self.tries_left:
            return ["It cannot be tried in other words any more: go on another way, or give up."]
        return intent_faults(draft.next, handed_on(self.task), self.run, self.context)
