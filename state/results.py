"""How the steps of a run ended, and what they gave, read by the types that their agents declare."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cliptrail.state.evidence import Claim, Guide
from cliptrail.state.media import TranscriptRef, Video
from cliptrail.state.plan import InstanceId
from cliptrail.state.steps import StepResult

T = TypeVar("T", bound=BaseModel)
Declared = Mapping[str, type[BaseModel]]
"""Output type by name of the agent."""


class Results(Mapping[str, StepResult]):
    """The results of a run's steps, by instance id, in the order in which they are stored.

    Outputs are stored as JSON. Here they are read as the type that the agent declares, so that a
    claim is found wherever the type of a user's own agent says that there is one, and nothing is
    taken for a claim because a field has that name.

    Args:
        rows: by instance id, as the state holds them.
        declared: output types of the registered agents.
    """

    def __init__(self, rows: Mapping[str, StepResult], declared: Declared) -> None:
        self._rows = {row.id: row for row in rows.values()}
        self._declared = declared
        self._outputs: dict[InstanceId, BaseModel | None] = {}

    def __getitem__(self, key: str) -> StepResult:
        return self._rows[InstanceId.parse(key)]

    def __iter__(self) -> Iterator[InstanceId]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    # --- a part of them --------------------------------------------------------------------------

    def of_steps(self, steps: Iterable[str]) -> "Results":
        """Return the results of these steps, of mapped ones those of every element."""
        wanted = set(steps)
        return self._part(row for row in self._rows.values() if row.id.step in wanted)

    def without_steps(self, steps: Iterable[str]) -> "Results":
        """Return the results of all steps but these."""
        unwanted = set(steps)
        return self._part(row for row in self._rows.values() if row.id.step not in unwanted)

    def in_order_of(self, steps: Iterable[str]) -> "Results":
        """Return the results in the order of these step ids; those of other steps come last."""
        place = {step: number for number, step in enumerate(steps)}

        def order(row: StepResult) -> tuple[int, int]:
            return place.get(row.id.step, len(place)), row.id.position or 0

        return self._part(sorted(self._rows.values(), key=order))

    def after(self, earlier: "Results | None") -> "Results":
        """Return earlier results and these; of one id, these."""
        return self if earlier is None else self._part({**earlier, **self}.values())

    def _part(self, rows: Iterable[StepResult]) -> "Results":
        return Results({row.id: row for row in rows}, self._declared)

    # --- what the steps gave ---------------------------------------------------------------------

    def json_outputs(self) -> dict[InstanceId, dict[str, Any]]:
        """Return what the steps that are done gave, as stored: what references read."""
        rows = self._rows.values()
        return {row.id: row.output for row in rows if row.status == "done" and row.output}

    def outputs(self) -> dict[InstanceId, BaseModel]:
        """Return what the steps that are done gave, as their agents declare it.

        An output is left out where its agent is not registered any more, or declares another type
        now, which the stored value does not fit.
        """
        found = {name: self._output(name) for name in self.json_outputs()}
        return {name: row for name, row in found.items() if row is not None}

    def _output(self, name: InstanceId) -> BaseModel | None:
        if name not in self._outputs:
            row = self._rows[name]
            self._outputs[name] = read_output(self._declared.get(row.agent), row.output)
        return self._outputs[name]

    def values_of(self, kind: type[T]) -> list[T]:
        """Return every value of a type that the outputs hold, at whatever depth, in order."""
        return [value for output in self.outputs().values() for value in values_in(output, kind)]

    def videos(self) -> list[Video]:
        """Return the videos that the steps found; one that several found appears several times."""
        return self.values_of(Video)

    def transcripts(self) -> list[TranscriptRef]:
        """Return the transcripts that the steps read, each once."""
        found: dict[str, TranscriptRef] = {}
        for row in self.values_of(TranscriptRef):
            found.setdefault(row.video_id, row)
        return list(found.values())

    def claims(self) -> list[Claim]:
        """Return the claims of all steps, those in guides too; of one id, the first."""
        found: dict[str, Claim] = {}
        for row in self.values_of(Claim):
            found.setdefault(row.id, row)
        return list(found.values())

    def guides(self) -> list[Guide]:
        """Return the guides that the steps made."""
        return self.values_of(Guide)


def read_output(declared: type[T] | None, output: Mapping[str, Any] | None) -> T | None:
    """Return a stored output as its declared type; None where there is no type or no fit."""
    if declared is None or output is None:
        return None
    try:
        return declared.model_validate(output, by_alias=True, by_name=True)
    except ValidationError:
        return None


def values_in(value: object, kind: type[T]) -> Iterator[T]:
    """Return the values of a type within a value; not those within one that was found."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from values_in(getattr(value, name), kind)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from values_in(part, kind)
    elif isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from values_in(part, kind)
