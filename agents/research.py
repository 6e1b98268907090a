"""The agent `research`: a small ReAct loop with a brief of its own, for what cannot be planned.

After Yao et al. 2022, "ReAct: Synergizing Reasoning and Acting in Language Models". Each move is a
structured answer and not a free tool call, so that small models can make it, and what is read
comes back as claims and not as transcripts, so that the prompt stays small.
"""

from dataclasses import dataclass, field, replace

from langchain_core.messages import BaseMessage
from pydantic import Field

from cliptrail.agents.context import AgentContext
from cliptrail.agents.extract import ExtractInput, extract
from cliptrail.agents.registry import agent
from cliptrail.evidence.batches import TOKENS_A_TRANSCRIPT
from cliptrail.plans.agents import Sizes
from cliptrail.prompts import research as prompt
from cliptrail.state.base import Frozen
from cliptrail.state.drafts import MoveDraft
from cliptrail.state.errors import Blocked, BudgetExceeded, ModelError, SourceError
from cliptrail.state.evidence import Claim
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import Cost
from cliptrail.tools.transcripts import reference

AT_ONCE = 3
"""Videos that one move reads."""
A_SEARCH = 8
"""Videos that one search gives."""
SHOWN = 60
"""Claims that a prompt holds; the latest."""


class ResearchInput(Frozen):
    """What to find out."""

    question: str = Field(min_length=1, max_length=1000)
    """One open question, self-contained."""
    moves: int = Field(default=5, ge=1, le=12)
    """Most searches and readings."""
    limit: int = Field(default=20, ge=1, le=120)
    """Claims after which it looks no further."""


class ResearchOutput(Frozen):
    """What was found out, and how."""

    claims: tuple[Claim, ...] = ()
    """Checked against the transcripts; those that failed say why."""
    unanswered: tuple[str, ...] = ()
    """The question, if nothing was found."""
    videos: tuple[Video, ...] = ()
    """What the searches found."""
    path: tuple[str, ...] = ()
    """The moves in order, each with what came of it."""


def _cost(_: Sizes) -> Cost:
    # Typically: a search, a reading, a look at what came of it.
    return Cost(
        calls=4,
        input_tokens=2_000 + AT_ONCE * TOKENS_A_TRANSCRIPT,
        output_tokens=300 + AT_ONCE * 400,
        seconds=25.0,
    )


@agent(capabilities=("investigate",), cost=_cost, tier="capable")
async def research(inputs: ResearchInput, ctx: AgentContext) -> ResearchOutput:
    """Look into an open question by itself: search, read, search again as it turns out.

    Only where the steps cannot be known beforehand: it costs a model call a move. It stops when
    the question is answered, when its moves or the budget run out, or when it repeats itself.
    """
    trip = _Trip(inputs, ctx)
    try:
        for left in range(inputs.moves, 0, -1):
            move = await ctx.ask("research", trip.prompt(left), MoveDraft)
            if not await trip.make(move):
                break
    except (BudgetExceeded, ModelError, Blocked) as error:
        if not trip.claims:
            raise
        ctx.lack(f"{error} What was found until then is kept.")
    return trip.output()


@dataclass
class _Trip:
    """What was found out so far."""

    inputs: ResearchInput
    ctx: AgentContext
    found: dict[str, Video] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    claims: list[Claim] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    made: set[str] = field(default_factory=set)

    def prompt(self, left: int) -> list[BaseMessage]:
        shown = [
            {
                "id": video.video_id,
                "title": video.title,
                "channel": video.channel,
                "read": video.video_id in self.read,
            }
            for video in self.found.values()
        ]
        learned = [claim.text for claim in self.claims if claim.verified][-SHOWN:]
        return prompt.render(
            self.ctx.request, self.inputs.question, shown, learned, self.path, left
        )

    async def make(self, move: MoveDraft) -> bool:
        """Make a move; False if there is nothing more to do."""
        if move.do == "finish":
            return False
        said = f"{move.do} {[move.query, move.channel] if move.do == 'search' else move.videos}"
        if said in self.made:
            self.ctx.note(f"It repeated itself ({said}) and was stopped.")
            return False
        self.made.add(said)
        if move.do == "search":
            self.path.append(f"search {move.query!r}: {await self._search(move)}")
        else:
            self.path.append(f"read {', '.join(move.videos)}: {await self._read(move.videos)}")
        return len(self.claims) < self.inputs.limit

    async def _search(self, move: MoveDraft) -> str:
        if not move.query.strip():
            return "there were no words to search for"
        try:
            videos = await self.ctx.search(move.query.strip(), move.channel.strip(), A_SEARCH)
        except Blocked:
            raise
        except SourceError as error:
            self.ctx.note(str(error))
            return error.message
        new = [row for row in videos if row.captions != "none" and row.video_id not in self.found]
        self.found |= {row.video_id: row for row in new}
        return f"{len(new)} new videos"

    async def _read(self, names: list[str]) -> str:
        wanted = [name for name in dict.fromkeys(names) if name in self.found]
        rows = [row for name in wanted[:AT_ONCE] if (row := await self._transcript(name))]
        if not rows:
            return "none of them could be read"
        given = ExtractInput(transcripts=tuple(rows), facts=(self.inputs.question,))
        # Its claims are told below, under the numbers that they have here.
        ctx = replace(self.ctx, brief=self.inputs.question, tell=lambda _: None)
        extracted = await extract(given, ctx)
        for found in extracted.claims:
            number = f"{self.ctx.step}.{len(self.claims) + 1}"
            claim = found.model_copy(update={"id": number})
            self.ctx.found(claim)
            self.claims.append(claim)
        return f"{len(extracted.claims)} claims"

    async def _transcript(self, name: str) -> TranscriptRef | None:
        if name in self.read:
            return None
        self.read.add(name)
        try:
            return reference(await self.ctx.transcript(name, self.found[name]))
        except Blocked:
            raise
        except SourceError as error:
            self.ctx.note(str(error))
            return None

    def output(self) -> ResearchOutput:
        """What was found out."""
        answered = any(claim.verified for claim in self.claims)
        return ResearchOutput(
            claims=tuple(self.claims),
            unanswered=() if answered else (self.inputs.question,),
            videos=tuple(self.found.values()),
            path=tuple(self.path),
        )
