"""What an agent's tool calls become: steps of the growing plan, or all that is wrong with them.

The agent names videos by their ids; the references between the steps are made by program. A call
that was carried out before becomes no new step: what came of it is shown again.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from cliptrail.agents.search import SearchOutput
from cliptrail.nodes.common.growing_plan import numbered
from cliptrail.plans.references import escape
from cliptrail.state.drafts import (
    ComposeCall,
    Draft,
    ExtractCall,
    NotesDraft,
    SearchCall,
    TranscriptCall,
)
from cliptrail.state.media import Video
from cliptrail.state.plan import InstanceId, Step
from cliptrail.state.run import Run

TAKE_NOTES = "take_notes"
TOOLS: dict[str, type[Draft]] = {
    "search": SearchCall,
    "transcript": TranscriptCall,
    "extract": ExtractCall,
    "compose": ComposeCall,
}
"""By the name of the agent that does the work."""
BRIEFS = {
    "search": "Find videos that the agent asked for.",
    "transcript": "Read what is said in a video that the agent chose.",
    "extract": "Find what the transcripts say about each wanted fact.",
    "compose": "Make one guide in the order of the request; show disagreements.",
}


@dataclass(frozen=True)
class Call:
    """A tool call as a model made it: everything in it may be wrong."""

    id: str
    name: str
    args: object


@dataclass(frozen=True)
class Outcome:
    """What a call became: ids of steps, notes, or faults."""

    call: Call
    steps: tuple[str, ...] = ()
    notes: NotesDraft | None = None
    faults: tuple[str, ...] = ()


class RefusedError(Exception):
    """A call cannot be carried out; the arguments say why, all at once."""


@dataclass
class Desired:
    """The plan as the calls of one turn want it."""

    run: Run
    may_note: bool = False
    """Nothing of what strangers wrote was seen yet, so notes on the request can be trusted."""
    steps: list[Step] = field(default_factory=list)
    """Those of the plan, and the new ones."""

    def __post_init__(self) -> None:
        self.before = len(self.run.plan.steps)
        self.steps = list(self.run.plan.steps)
        self.results = self.run.results

    @property
    def new(self) -> list[Step]:
        """The steps that the plan does not have yet."""
        return self.steps[self.before :]

    def take(self, call: Call) -> Outcome:
        """Turn a call into steps, notes or faults."""
        kept = list(self.steps)
        try:
            if call.name == TAKE_NOTES and self.may_note:
                return Outcome(call, notes=_read(NotesDraft, call.args))
            return Outcome(call, steps=tuple(dict.fromkeys(self._steps(call))))
        except RefusedError as error:
            self.steps = kept
            return Outcome(call, faults=error.args)

    def _steps(self, call: Call) -> list[str]:
        known: dict[str, Callable[[Any], list[str]]] = {
            "search": lambda args: self._search(_read(SearchCall, args)),
            "transcript": lambda args: self._transcript(_read(TranscriptCall, args)),
            "extract": lambda args: self._extract(_read(ExtractCall, args)),
            "compose": lambda args: self._compose(_read(ComposeCall, args)),
        }
        if call.name not in known:
            raise RefusedError(_unknown(call.name, self.may_note))
        return known[call.name](call.args)

    def _search(self, call: SearchCall) -> list[str]:
        if not call.query.strip():
            raise RefusedError("query: there are no words in it.")
        inputs = {"query": escape(call.query), "channel": escape(call.channel.strip())}
        return [self._add("search", {**inputs, "limit": call.limit, "min_score": call.min_score})]

    def _transcript(self, call: TranscriptCall) -> list[str]:
        places = {name: place for place, name in reversed(self._found().items())}
        named = set(re.findall(r"[\w-]+", self.run.request))
        wanted: list[dict[str, Any]] = []
        faults: list[str] = []
        for name in dict.fromkeys(call.video_ids):
            if name in places:
                wanted.append({"video": places[name]})
            elif name in named:
                wanted.append({"video_id": escape(name)})
            else:
                faults.append(f"video_ids: no search found {name!r}. Name videos by their ids.")
        if faults:
            raise RefusedError(*faults)
        return [self._add("transcript", inputs) for inputs in wanted]

    def _extract(self, call: ExtractCall) -> list[str]:
        read = self._read_videos()
        names = list(dict.fromkeys(call.video_ids)) or list(read)
        faults = [self._unread(name) for name in names if name not in read]
        if faults or not names:
            raise RefusedError(*(faults or ["No video is read yet: call transcript first."]))
        inputs: dict[str, Any] = {
            "transcripts": [f"${read[name]}" for name in names],
            "limit": call.limit,
        }
        if call.facts:
            inputs["facts"] = [escape(text) for text in call.facts]
        return [self._add("extract", inputs)]

    def _compose(self, _: ComposeCall) -> list[str]:
        found = [step.id for step in self._of("extract") if self._lives(step.id)]
        if not found:
            raise RefusedError("There are no claims yet: call extract first.")
        inputs: dict[str, Any] = {"claims": [f"${name}.claims" for name in found]}
        if len(found) == 1:  # what one extraction did not find, another one may have found
            inputs["unanswered"] = f"${found[0]}.unanswered"
        return [self._add("compose", inputs)]

    def _add(self, agent: str, inputs: dict[str, Any]) -> str:
        """Return the id of the step that does this: a new one, or one that did it already."""
        for step in self._of(agent):
            if step.inputs == inputs and self._lives(step.id):
                return step.id
        name = numbered(agent, self.steps)
        self.steps.append(Step(id=name, agent=agent, brief=BRIEFS[agent], inputs=inputs))
        return name

    def _of(self, agent: str) -> Iterable[Step]:
        return [step for step in self.steps if step.agent == agent]

    def _lives(self, name: str) -> bool:
        """Is the step done, or still to be done?"""
        return name not in self.results or self.results[name].output is not None

    def _found(self) -> dict[str, str]:
        """The ids of the videos that searches found, by the reference to each."""
        return {
            f"${step.id}.videos[{place}]": video.video_id
            for step in self._of("search")
            for place, video in enumerate(self._videos(step))
        }

    def _videos(self, step: Step) -> tuple[Video, ...]:
        output = self.results.outputs().get(InstanceId(step.id))
        return output.videos if isinstance(output, SearchOutput) else ()

    def _read_videos(self) -> dict[str, str]:
        """The steps that have read videos, or will, by the video's id."""
        return {
            self._video(step): step.id for step in self._of("transcript") if self._lives(step.id)
        }

    def _video(self, step: Step) -> str:
        place = step.inputs.get("video")
        return self._found().get(place, "") if place else str(step.inputs.get("video_id", ""))

    def _unread(self, name: str) -> str:
        failed = [step.id for step in self._of("transcript") if self._video(step) == name]
        if not failed:
            return f"video_ids: {name!r} is not read: call transcript first."
        return f"video_ids: {name!r} could not be read. {self.results[failed[-1]].reason}"


def _read(kind: type[Any], args: object) -> Any:
    if not isinstance(args, dict):
        raise RefusedError("The arguments are no JSON object.")
    try:
        return kind.model_validate(args)
    except ValidationError as error:
        raise RefusedError(*map(_fault, error.errors())) from error


def _fault(row: Any) -> str:
    place = ".".join(map(str, row["loc"]))
    return f"{place}: {row['msg']}." if place else f"{row['msg']}."


def _unknown(name: str, may_note: bool) -> str:
    if name == TAKE_NOTES:
        return "The notes are taken; go on with the other tools."
    close = difflib.get_close_matches(name, TOOLS, n=1)
    there = [*([TAKE_NOTES] if may_note else []), *TOOLS]
    return f"There is no tool {name[:40]!r}" + (
        f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(there)}."
    )


def refused(rows: Iterable[Outcome], new: Iterable[str], faults: Iterable[str]) -> list[Outcome]:
    """Return the outcomes of a turn whose new steps the plan cannot take.

    Args:
        rows: as `Desired.take` gave them.
        new: ids of those steps.
        faults: why not.
    """
    lost, why = set(new), tuple(faults)
    return [replace(row, steps=(), faults=why) if lost & set(row.steps) else row for row in rows]
