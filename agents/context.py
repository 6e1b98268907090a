"""What an agent works with: the run's services, its own way to models, and a place for notes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from cliptrail.agents.person import ask_person
from cliptrail.state.base import Tier
from cliptrail.state.errors import Incident
from cliptrail.state.events import ClaimFound, Event, StepProgress
from cliptrail.state.evidence import Claim
from cliptrail.state.media import Transcript, Video
from cliptrail.state.request import NamedSource, Notes
from cliptrail.state.usage import ModelCall
from cliptrail.tools.models.gateway import ModelGateway
from cliptrail.tools.workspace import Workspace

A = TypeVar("A", bound=BaseModel)

MOST_CHANNELS = 200
"""Channel names that a prompt lists; a larger library is searched instead."""


@dataclass
class AgentContext:
    """What one node or step has at hand.

    An agent reaches the outside world through this and nothing else: so every call is counted
    and every transcript cached.
    """

    request: str
    """The question in the user's own words."""
    notes: Notes
    """What was understood of it."""
    step: str
    """Id of the step that works; empty outside of steps."""
    brief: str
    """What the plan says that it must do."""
    tier: Tier | None
    """Model tier that the plan chose; None for the role's own."""
    gateway: ModelGateway
    workspace: Workspace
    incidents: list[Incident] = field(default_factory=list)
    """What was dealt with on the way; shown in the trail."""
    lacks: list[str] = field(default_factory=list)
    """What the step's result lacks because something failed."""
    on_incident: Callable[[Incident], None] = field(default=lambda _: None)
    """Told of each when it happens."""
    tell: Callable[[Event], None] = field(default=lambda _: None)
    """Told of whatever else happens here that who watches the run may want to see."""
    agent: str = ""
    """Name of the agent that works."""

    async def ask(self, role: str, messages: Sequence[BaseMessage], answer: type[A]) -> A:
        """Ask a model, in this step's tier; see `ModelGateway.ask`."""
        return await self.gateway.ask(role, messages, answer, tier=self.tier)

    async def search(self, query: str, channel: str, limit: int) -> list[Video]:
        """Search the run's source; see `VideoSource.search`."""
        return await asyncio.to_thread(
            self.workspace.source.search, query, channel=channel, limit=limit
        )

    async def channels(self) -> list[str]:
        """Return the names of the channels that the source is known to hold; of many, the first."""
        return (await asyncio.to_thread(self.workspace.source.channels))[:MOST_CHANNELS]

    async def resolve(self, name: str) -> NamedSource:
        """Find out what a name in the request stands for; see `VideoSource.resolve`."""
        return await asyncio.to_thread(self.workspace.source.resolve, name)

    async def passages(self, query: str, videos: Sequence[str]) -> dict[str, str]:
        """Return the passage nearest to a query of each video that the library holds, by id."""
        return await asyncio.to_thread(self.workspace.transcripts.passages, query, videos)

    async def transcript(self, video_id: str, known: Video | None = None) -> Transcript:
        """Return a transcript through the one gateway to them; see `TranscriptGateway.get`."""
        return await asyncio.to_thread(self.workspace.transcripts.get, video_id, known)

    def ask_person(self, question: str, choices: Sequence[str] = ()) -> str:
        """Ask the person and wait; see `cliptrail.agents.person.ask_person`.

        The agent runs again from its start when the answer is there, so ask before paid work.
        """
        return ask_person(self.step, question, choices)

    def note(self, what: str) -> None:
        """Write down a fallback or a repair, for who watches the run and for the trail."""
        self.incident(Incident(where=self.step or "run", what=what))

    def lack(self, what: str) -> None:
        """Say what this step's result lacks because something failed: the run ends as partial."""
        self.lacks.append(what)
        self.note(what)

    def progress(self, done: int, of: int, what: str) -> None:
        """Tell who watches the run how far the step is.

        Args:
            done: how many.
            of: how many there are.
            what: what is counted, e.g. "transcripts read".
        """
        self.tell(StepProgress(id=self.step, agent=self.agent, done=done, of=of, what=what))

    def found(self, claim: Claim) -> None:
        """Tell who watches the run of a claim."""
        self.tell(ClaimFound(step=self.step, claim=claim))

    def incident(self, row: Incident) -> None:
        """Write down what happened here or in a service that works for it."""
        self.incidents.append(row)
        self.on_incident(row)

    @property
    def calls(self) -> tuple[ModelCall, ...]:
        """Every model call made through this context."""
        return tuple(self.gateway.calls)
