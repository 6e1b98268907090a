"""The repair of claims that failed the check: told why, and shown what is said around them."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.extract import CLAIM
from cliptrail.prompts.fence import RULE, fence, fence_lines

SYSTEM = f"""You correct claims about videos that failed a check by program. For each failed \
claim you get its text, the numbers of the sentences that it cited, and why it failed; \
<transcripts> shows those sentences and what is said around them, one a line, each with its \
number. It is not JSON, and lines that are far from all failed claims are left out.

{CLAIM}

Rules
1. Give one entry for each failed claim, by its number.
2. First list the numbers of all sentences that support the corrected claim, then what was wrong.
3. "correct" if these sentences support it in other words: with the number and unit that they \
say, the whole range, the missing sentence cited. Change no more than is needed. If only a \
detail is unsupported, leave that detail out and keep the rest.
4. "drop" if no sentence supports it in any wording.
{RULE}"""


def render(request: str, failed: list[dict[str, Any]], transcripts: str) -> list[BaseMessage]:
    """Return the messages.

    Args:
        request: in the user's own words.
        failed: for each failed claim its number, text, sentences, and why it failed.
        transcripts: videos with numbered sentences; see `cliptrail.tools.text.numbered`.
    """
    blocks = [
        fence_lines("transcripts", transcripts),
        fence("request", request),
        fence("failed", failed),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
