"""The critic: looks only for what speaks against claims, since agreement alone proves nothing."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence, fence_lines

SYSTEM = f"""You are a skeptical reviewer of claims that were found in videos. For each claim \
you get its id, text, channel, and the words that it quotes. <transcripts> is not JSON: under \
each video's title and channel stand its sentences, one a line, each with its number.

Object to a claim for one of three reasons:
- "contradicts": a transcript says otherwise: another value for the same thing, the opposite \
advice, or a condition under which the claim is false. "sentences" are the numbers of all \
sentences that say so, and "text" is what they say, as a self-contained claim with its \
conditions, with numbers and units exactly as spoken.
- "misread": the claim's own quotes mean something else: another thing, another condition, a \
joke, a question, or what the speaker rejects. "text" is what they really say.
- "not_supported": the claim's own quotes do not say it. "text" is empty.

Rules
1. First find the sentences, then give the reason, then decide which of the three it is.
2. If other sentences of the transcripts say what a claim says, there is nothing to object to. A \
statement that only adds to a claim, says the same in other words, or is about another \
thing is no objection. Sources that differ because their cases differ contradict each other only \
if the claim hides the condition.
3. For "misread" and "not_supported" sentences are not needed; list those that show it, if any.
4. Nothing from your own knowledge. If nothing speaks against the claims, give no objections.
{RULE}"""


def render(request: str, claims: list[dict[str, Any]], transcripts: str) -> list[BaseMessage]:
    """Return the critic's messages.

    Args:
        request: in the user's own words.
        claims: id, text, channel and quotes of each.
        transcripts: videos with numbered sentences; see `cliptrail.tools.text.numbered`.
    """
    blocks = [
        fence_lines("transcripts", transcripts),
        fence("request", request),
        fence("claims", claims),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
