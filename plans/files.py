"""Plans as files: YAML or JSON, with parameters for batches."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from cliptrail.plans.references import escape
from cliptrail.state.base import Frozen
from cliptrail.state.errors import UsageError
from cliptrail.state.plan import Plan, Step
from cliptrail.state.request import Notes
from cliptrail.tools.files import read_file

Put = Callable[[str, Mapping[str, str]], str]
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
VERSION = 1
"""Of the format."""
_EXPRESSIONS = ("inputs", "for_each")


class PlanFile(Frozen):
    """A stored plan: everything that a run needs without a planning call."""

    cliptrail_plan: int = VERSION
    """Version of this format."""
    request: str
    """The question that the plan answers; may hold parameters: "how do I cook {cut}?"."""
    parameters: dict[str, str | None] = Field(default_factory=dict)
    """Defaults by name; null for a parameter that must be given."""
    notes: Notes = Notes()
    goal: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def plan(self) -> Plan:
        """The plan alone."""
        return Plan(goal=self.goal, steps=self.steps)


def to_file(plan: Plan, request: str, notes: Notes) -> PlanFile:
    """Return a plan as what is stored, without parameters."""
    return PlanFile(request=request, notes=notes, goal=plan.goal, steps=plan.steps)


def dump(stored: PlanFile, *, as_json: bool = False) -> str:
    """Return a stored plan as YAML (or JSON), without the fields that have their defaults."""
    data = stored.model_dump(mode="json", exclude_defaults=True)
    data = {"cliptrail_plan": stored.cliptrail_plan, **data, "steps": data.get("steps", [])}
    if as_json:
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))


class _Dumper(yaml.SafeDumper):
    """YAML that keeps the rarer line breaks, which single quotes would turn into spaces."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if re.search(r"[\x85\u2028\u2029]", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def load(path: Path, values: Mapping[str, str] | None = None) -> PlanFile:
    """Read a stored plan and put in its parameters.

    Args:
        path: a YAML or JSON file.
        values: parameter values by name; they override the file's defaults.

    Raises:
        UsageError: not readable, not a plan, a parameter unknown or without a value.
    """
    content = read_file(path, "Check its name.")
    try:
        data = _read(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is neither YAML nor JSON: {_problem(error)}.",
            "Mend it, or make another with: cliptrail plan REQUEST",
        ) from error
    if not isinstance(data, dict) or "steps" not in data:
        raise UsageError(f"{path} is not a plan.", "Make one with: cliptrail plan REQUEST")
    _check_version(path, data)
    return _validated(path, fill(data, values or {}))


def _read(text: str) -> Any:
    try:
        # JSON first, since YAML reads some of it otherwise: 1e+16 as text
        return json.loads(text, object_pairs_hook=_unrepeated)
    except ValueError:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name twice in a map")  # YAML tells which, and in which line
    return dict(pairs)


class _Loader(yaml.SafeLoader):
    """YAML without aliases, of which a few bytes stand for gigabytes, and without double names."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not read", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value!r} for the second time", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _problem(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        return f"{error.problem} in line {error.problem_mark.line + 1}"
    return (str(error).splitlines() or [type(error).__name__])[0]


def _validated(path: Path, data: dict[str, Any]) -> PlanFile:
    try:
        stored = PlanFile.model_validate(data)
    except ValidationError as error:
        rows = (f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors())
        raise UsageError(
            f"{path} is not a valid plan: {'; '.join(rows)}.", "Mend these fields."
        ) from error
    return stored


def _check_version(path: Path, data: dict[str, Any]) -> None:
    """Look at the version first: the fields of another one may all be different."""
    version = data.get("cliptrail_plan", VERSION)
    if type(version) is not int:
        raise UsageError(
            f"{path} has the plan format {version!r}, which is none.",
            f"Write: cliptrail_plan: {VERSION}",
        )
    if version != VERSION:
        raise UsageError(
            f"{path} has plan format {version}; this cliptrail reads format {VERSION}.",
            "Upgrade cliptrail.",
        )


def fill(data: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Put values for `{name}` in every string of a stored plan; they stay plain text.

    Raises:
        UsageError: an unknown parameter, or one without a value.
    """
    declared = _declared(data)
    unknown = sorted(set(values) - set(declared))
    if unknown:
        have = ", ".join(declared) or "none"
        raise UsageError(f"The plan has no parameter {unknown[0]!r}.", f"It has: {have}.")
    known = {**declared, **values}
    missing = [name for name, value in known.items() if value is None]
    if missing:
        raise UsageError(
            f"The plan needs a value for {missing[0]!r}.", f"Add: --param {missing[0]}=VALUE"
        )
    if not known:
        return data
    texts = {name: str(value) for name, value in known.items()}
    filled = {
        key: _fill_steps(value, texts) if key == "steps" else _fill(value, texts, _in_text)
        for key, value in data.items()
        if key != "parameters"
    }
    return {**filled, "parameters": texts}


def _declared(data: dict[str, Any]) -> dict[str, Any]:
    declared = data.get("parameters") or {}
    if not isinstance(declared, dict):
        raise UsageError(
            "The plan's parameters are not a map of names to defaults.",
            'Write them like "parameters: {topic: brisket}", with null for no default.',
        )
    for name, value in declared.items():
        if not isinstance(name, str) or not _PARAMETER.fullmatch(name):
            raise UsageError(
                f"{name!r} is not the name of a parameter.", "Use letters, digits and underscores."
            )
        if isinstance(value, dict | list):
            raise UsageError(
                f"The default of the parameter {name!r} is not plain text.", "Put it in quotes."
            )
    return declared


def _fill_steps(steps: Any, values: Mapping[str, str]) -> Any:
    """Only `inputs` and `for_each` can hold references: only there a dollar means something."""
    if not isinstance(steps, list):
        return steps
    return [
        {
            key: _fill(part, values, _in_expression if key in _EXPRESSIONS else _in_text)
            for key, part in step.items()
        }
        if isinstance(step, dict)
        else step
        for step in steps
    ]


def _fill(value: Any, values: Mapping[str, str], put: Put) -> Any:
    match value:
        case str():
            return put(value, values)
        case list():
            return [_fill(part, values, put) for part in value]
        case dict():
            return {name: _fill(part, values, put) for name, part in value.items()}
    return value


def _in_text(text: str, values: Mapping[str, str]) -> str:
    return re.sub(rf"\{{({_names(values)})\}}", lambda match: values[match[1]], text)


def _in_expression(text: str, values: Mapping[str, str]) -> str:
    """As in text, but "${name}" is a reference, and "$$" a dollar that starts none."""
    pattern = rf"\$\$|\$\{{[^}}]*\}}?|\{{({_names(values)})\}}"
    return re.sub(pattern, lambda match: escape(values[match[1]]) if match[1] else match[0], text)


def _names(values: Mapping[str, str]) -> str:
    return "|".join(map(re.escape, values))
