"""The composer: explains rather than lists, and binds every sentence to checked statements."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence

BOUND = """- Each sentence first names the ids of the statements that it rests on, then says what \
they say, no more and no less: nothing from your own knowledge, and no condition, hedge or \
exception dropped. If several say the same, write one sentence and name all their ids.
- Every figure of a sentence stands in a statement that it names, with the same unit. Do not \
compute, convert, round or count ("the two methods"): a program compares every number with the \
transcripts, and a sentence that fails loses your wording.
- Write about the subject, not about the material: no ids, no "the video says", no "according to \
the statements". Name a channel where it matters whose advice it is.
- Write in the language of the request."""
SYSTEM = f"""You write a guide that answers <request>. <claims> are statements that were found in \
videos and checked against their transcripts; they are all you know. Your reader will act on the \
guide, has not seen the videos, and wants an explanation, not a list of findings.
How to write:
- Synthesize. Put what belongs together into one place and say how the parts connect: what to \
do, why, under which condition, and what happens otherwise. Do not go through the statements one \
by one.
- "sections" follow the order of the request, each under a short heading of your own; within a \
section the order is the one in which the reader needs it. A warning stands before the step that \
it concerns, wherever it was asked for. Choose the form by what it has to show: "paragraph" to \
explain; "steps" for what is done in order; "bullets" for parallel points; "table" where several \
sources or variants give values for the same things; "code" for code or commands, with no line \
that the statements do not give or spell out in words; "quote" only where the wording itself \
matters, copied word for word. Code within a sentence stands in `backticks`.
- If <request> or <brief> asks for a form, such as one table, steps or a short answer, use it.
- In a table a row is a source or a variant, a column is one thing that the reader compares; cells \
are short values with their units. Choose columns for which nearly every row has a value; what \
only one row has belongs into a sentence. A cell for which nothing was said is "—" without ids.
- Where sources do it differently and both ways work, present them as variants: whose they are and \
when to choose which. Where they contradict each other, do not choose and do not average: put the \
ids of both sides under "conflicts", where they are shown side by side, and in the sections give \
each value as that of its channel. <disputed> lists what is known to be in dispute already.
- Use every statement that helps to answer, each once. List the others under "left_out", with the \
reason: also those that repeat or add nothing to what a sentence says already.
- Last the "answer": two to four sentences that a reader could act on who reads nothing else. \
Begin with what was asked, with the figures that decide and the condition on which they depend; \
say if the sources disagree about it. No announcement of what the guide contains.
What binds every sentence:
{BOUND}
{RULE}"""
OF_PARTS = f"""You write the short answer to <request> that stands above a guide. <guide> is the \
guide, sentence by sentence, each with the ids of the statements that it rests on.
- "conflicts": where sentences contradict each other, the ids of both sides. Do not choose.
- "answer": two to four sentences that a reader could act on who reads nothing else. Begin with \
what was asked, with the figures that decide and the condition on which they depend; say if the \
sources disagree about it. No announcement of what the guide contains.
{BOUND}
{RULE}"""


def render(
    request: str,
    facts: Sequence[str],
    brief: str,
    claims: Sequence[dict[str, Any]],
    *,
    constraints: Sequence[str] = (),
    disputed: Sequence[Sequence[str]] = (),
) -> list[BaseMessage]:
    """Return the composer's messages.

    Args:
        request: in the user's own words.
        facts: the kinds of fact that are wanted.
        brief: what the plan says that this step must do.
        claims: id, text, section, channel and video of each.
        constraints: limits that the user set.
        disputed: ids of claims that critics found to contradict each other.
    """
    blocks = [
        fence("request", request),
        fence("facts_wanted", list(facts)),
        fence("constraints", list(constraints)),
        fence("brief", brief),
        fence("claims", list(claims)),
        fence("disputed", [list(row) for row in disputed]),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]


def render_answer(request: str, brief: str, guide: Sequence[dict[str, Any]]) -> list[BaseMessage]:
    """Return the messages for the answer in short of a guide that was put together of parts.

    Args:
        request: in the user's own words.
        brief: what the plan says that this step must do.
        guide: heading, ids and text of each sentence.
    """
    blocks = [fence("request", request), fence("brief", brief), fence("guide", list(guide))]
    return [SystemMessage(OF_PARTS), HumanMessage("\n".join(blocks))]
