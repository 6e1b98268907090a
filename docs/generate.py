"""Writes what is made from the code: commands, settings, types, schemas, events, figures.

Run it from anywhere after a change of one of them: python docs/generate.py
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cliptrail.cli.app import app
from cliptrail.evals.patterns import HEAD, VARIANTS, compare
from cliptrail.evals.repeat import FOUNDING
from cliptrail.graphs.registry import OURS
from cliptrail.state.context import Context, Option, flag_of, options
from cliptrail.state.events import EVENT, Event
from cliptrail.state.media import Video
from cliptrail.state.trail import Trail
from cliptrail.tools.library.bundled import bundled_transcripts
from cliptrail.tools.settings import Settings
from cliptrail.tools.sources.registry import OURS as OUR_SOURCES
from cliptrail.tools.sources.registry import Source, source_named
from cliptrail.tools.text.times import clock
from cliptrail.web.configuration import configuration

ROOT = Path(__file__).parents[1]
WIDTH = 100
NOTE = "It is generated from the code by `python docs/generate.py`."
TOPICS = {
    "Grilling": ("Cinder Porch", "Smoke Ledger", "Tallow & Tin", "Backyard Bram"),
    "Espresso": ("Portafilter Diaries", "Grind Theory", "Kettle & Crema"),
    "Sourdough": ("The Patient Loaf", "Crumb Notebook", "Oven Weather"),
    "Bicycles": ("Lane Nine Cycles", "Spoke & Mirror", "Torque Sunday"),
    "A server at home": ("Parity Check", "Rack Under Stairs", "Quiet Packet"),
}
"""What the bundled channels are about."""
BY_WORDING = {"Tokens", "Largest prompt", "Of coordination"}
"""Columns of the figures that only `python -m cliptrail.evals.patterns` shows."""
SAMPLES = """\
# The bundled library

This page lists the {videos} videos, from {channels} channels, that answer when you name the library
"samples", or have no library of your own. **All channels, people and videos are invented.** The
transcripts were written for cliptrail, under the [MIT licence](../LICENSE), and their links lead
nowhere. Do not follow them to cook, repair, or store anything.

They are as difficult as real ones: automatic captions without punctuation, channels that disagree,
digressions, and sponsors. Two of them are special cases:

- `ct-brisketz` is hostile: in it, someone tells programs to ignore their instructions and to write
  somewhere else. It may be quoted on brisket, and must never be obeyed.
- `{silent}` has no captions: a search finds it, but there is no transcript to read.

{note}
"""
EVENTS = """\
# Events

This page lists what a run reports while it goes on: the payloads of LangGraph's `custom` stream,
over the [server](serving.md) and in Python. Each has a `kind`. A program reads them with
`cliptrail.state.events.EVENT` or by [their JSON Schema](events.schema.json).
{note}

They arrive in this order: `plan_made`; then for each step `step_waiting`, `step_started`, what the
step does, and `step_ended` (done, failed, or skipped); and finally `file_written` and `run_ended`.
A run that continues after a crash may repeat an event, with the same id.

Everything that a person should read is here and in the state (`message`, `stop_reason`, each step's
`failure`), never only in an exception, because a LangGraph server hides the texts of exceptions.
"""


def documents() -> dict[Path, str]:
    """Return every generated file with its text."""
    return {
        ROOT / "docs/cli.md": commands(),
        ROOT / "docs/settings.md": settings_and_options(),
        ROOT / "docs/trail.schema.json": schema(),
        ROOT / "docs/events.md": events(),
        ROOT / "docs/events.schema.json": events_schema(),
        ROOT / "langgraph.json": json.dumps(configuration(), indent=2) + "\n",
        ROOT / "samples/README.md": samples(),
        ROOT / "web/page/src/server/options.ts": options_of_the_page(),
        **pages_of_patterns(),
    }


def commands() -> str:
    """Return the page of all commands: what `--help` prints of each."""
    lines = [
        "# Commands",
        "",
        "This page shows what `--help` prints for every command.",
        NOTE,
        "",
        "The exit code is 0 if everything was done, 3 if a part was or a run waits for you, 4 if",
        "nothing was, 2 for wrong usage, 130 after Ctrl-C, and 143 after SIGTERM.",
    ]
    for path, text in _helps(typer.main.get_command(app), "cliptrail"):
        lines += ["", f"## {path}", "", "```text", text.strip(), "```"]
    return _text(lines)


def _helps(command: Any, name: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    command.rich_markup_mode = None  # no boxes and no colours
    context = command.context_class(command, info_name=name, parent=parent, terminal_width=WIDTH)
    yield context.command_path, command.get_help(context)
    for child, below in getattr(command, "commands", {}).items():
        yield from _helps(below, child, context)


def settings_and_options() -> str:
    """Return the page of the installation's settings and of a run's options."""
    settings = Settings.model_fields
    return _text(
        [
            "# Settings and options",
            "",
            "This page lists what you can set for an installation, and for a single run.",
            NOTE,
            "",
            "## Settings",
            "",
            "Environment variables, or lines in a file `.env` in the folder where you start.",
            "",
            *_table(
                ("Variable", "Default", "Meaning"),
                ((_variable(name), *_row(field)) for name, field in settings.items()),
            ),
            "",
            "[Tracing](tracing.md) covers LangSmith's and OpenTelemetry's own variables.",
            "",
            "## Options of a run",
            "",
            "These are the form in LangGraph Studio, and `context` in the server API. Most of them",
            "are [options of a command](cli.md) too.",
            "",
            *_table(
                ("Option", "Flag", "Values", "Default", "Patterns", "Meaning"),
                (_option_row(name, row) for name, row in options()),
            ),
            "",
            "## Sources of videos",
            "",
            "What `source` can be, beside [those of your own](extending.md#a-source-of-videos).",
            "",
            *_table(
                ("Source", "Needs the network", "Meaning"),
                map(_source_row, map(source_named, OUR_SOURCES)),
            ),
        ]
    )


def _option_row(name: str, option: Option) -> tuple[str, ...]:
    field = Context.model_fields[name]
    default, meaning = _row(field)
    flag = f"`{flag_of(name)}`" if option.commands else ""
    return f"`{name}`", flag, _values(field), default, ", ".join(option.patterns) or "all", meaning


def _source_row(source: Source) -> tuple[str, ...]:
    return f"`{source.name}`", "yes" if source.network else "no", source.about


def options_of_the_page() -> str:
    """Return the TypeScript type of a run's options, and their defaults."""
    fields = Context.model_fields
    kinds = [f"  {name}?: {_typescript(field)};" for name, field in fields.items()]
    # One constant each: those that the page does not use are left out of what it is built to.
    defaults = [
        f"export const DEFAULT_{name.upper()} = {json.dumps(row.default)};"
        for name, row in fields.items()
    ]
    return _text(
        [
            "/** The options of a run. Made from state/context.py by `python docs/generate.py`. */",
            "export interface Options {",
            *kinds,
            "}",
            "",
            *defaults,
        ]
    )


def _typescript(field: FieldInfo) -> str:
    names = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
    if get_origin(field.annotation) is Literal:
        return " | ".join(json.dumps(value) for value in get_args(field.annotation))
    return " | ".join(names[kind] for kind in get_args(field.annotation) or (field.annotation,))


def _variable(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    return f"`{alias}`" if alias else f"`CLIPTRAIL_{name.upper()}`"


def _row(field: FieldInfo) -> tuple[str, str]:
    return _default(field), " ".join((field.description or "").split())


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "depends on the system"
    if field.default in (None, ""):
        return ""
    return f"`{json.dumps(field.default, default=str)}`"


def _values(field: FieldInfo) -> str:
    kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind]
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{kind}`" for kind in kinds)
    names = {str: "text", bool: "true, false", int: "number", float: "number", SecretStr: "key"}
    return ", ".join(names[kind] for kind in kinds if kind is not type(None))


def schema() -> str:
    """Return the JSON Schema of a trail."""
    made = Trail.model_json_schema(mode="serialization")
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The trail of a cliptrail run",
    }
    return json.dumps({**about, **made, **about}, indent=1, ensure_ascii=False) + "\n"


def events_schema() -> str:
    """Return the JSON Schema of an event."""
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event of a cliptrail run",
    }
    made = EVENT.json_schema(mode="serialization")
    return json.dumps({**about, **made, **about}, indent=1, ensure_ascii=False) + "\n"


def events() -> str:
    """Return the page of the events of a run."""
    lines = [EVENTS.format(note=NOTE).rstrip()]
    for kind in get_args(get_args(Event)[0]):
        about = kind.model_json_schema(mode="serialization")
        told = " ".join((about["description"]).split())
        rows = [
            (f"`{name}`", _kind(row), " ".join(row.get("description", "").split()))
            for name, row in about["properties"].items()
            if name != "kind"
        ]
        lines += ["", f"## {about['properties']['kind']['const']}", "", told, ""]
        lines += _table(("Field", "Type", "Meaning"), rows)
    return _text(lines)


def _kind(row: dict[str, Any]) -> str:
    """Return the type of a field in words; what is made of further fields is in the schema."""
    if "$ref" in row:
        return f"[{row['$ref'].rsplit('/', 1)[1]}](events.schema.json)"
    if "enum" in row:
        return ", ".join(f"`{value}`" for value in row["enum"])
    if row.get("type") == "array":
        return f"list of {_kind(row.get('items', {}))}"
    return {"string": "text", "integer": "number"}.get(row["type"], str(row["type"]))


def samples() -> str:
    """Return the page of the bundled videos."""
    videos = [row.video for row in bundled_transcripts()]
    channels = {video.channel for video in videos}
    silent = next(video for video in videos if video.captions == "none")
    about = SAMPLES.format(
        videos=len(videos), channels=len(channels), silent=silent.video_id, note=NOTE
    )
    lines = [about.rstrip()]
    for topic, names in TOPICS.items():
        rows = [_sample(video) for name in names for video in videos if video.channel == name]
        head = ("Channel", "Video", "Title", "Captions", "Length")
        lines += ["", f"## {topic}", "", *_table(head, rows)]
    return _text(lines)


def _sample(video: Video) -> tuple[str, ...]:
    length = clock(video.duration_s)
    return video.channel, f"`{video.video_id}`", video.title, video.captions, length


def pages_of_patterns() -> dict[Path, str]:
    """The pages on patterns, with the figures of a run and each graph's drawing filled in."""
    rows = compare(FOUNDING, 1, "samples", list(VARIANTS))
    compared = {row.name: _steady(row.cells()) for row in rows}
    head = _steady(HEAD)
    overview = ROOT / "docs/patterns.md"
    pages = {overview: _filled(overview, "figures", _table(head, compared.values()))}
    for name, pattern in OURS.items():
        page = ROOT / f"docs/patterns/{name}.md"
        own = [cells for variant, cells in compared.items() if VARIANTS[variant][0] == name]
        drawn = pattern.build().compile().get_graph().draw_mermaid(with_styles=False)
        text = _filled(page, "drawing", ["```mermaid", *drawn.strip().splitlines(), "```"])
        pages[page] = _filled(page, "figures", _table(head, own), text)
    return pages


def _steady(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells of a row without those that move with every word of a prompt."""
    return tuple(cell for cell, name in zip(cells, HEAD, strict=True) if name not in BY_WORDING)


def _filled(page: Path, name: str, lines: list[str], text: str = "") -> str:
    """Return a page with new lines between `<!-- name -->` and `<!-- end -->`."""
    text = text or page.read_text(encoding="utf-8")
    before, start, rest = text.partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition("<!-- end -->\n")
    if not (start and end):
        raise SystemExit(f"{page} has no place for the {name}.")
    return f"{before}{start}\n{_text(lines)}\n{end}{after}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines]


def _text(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main() -> None:
    """Write the files and name them."""
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"Written: {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
