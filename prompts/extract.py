"""The extractor: cites sentences by number, since quotes are copied by program."""

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from cliptrail.prompts.fence import RULE, fence, fence_lines

CLAIM = """A good claim
- states one fact together with what it depends on: the condition, the variant, the reason, the \
exception that the speaker gives with it. A step of a procedure is one claim, with its tool, \
amount and warning. What one sentence or one mechanism says stays one claim: do not take apart \
what belongs together.
- is one plain sentence, as short as it can be and still be whole: mostly 10 to 25 words.
- can be understood by someone who never saw the video: no "it", "this one" or "he says". Name \
the thing in every claim, by its own name or number if it has one; say what a step follows if it \
makes no sense alone; name the speaker where it is an opinion or an experience.
- keeps numbers and units exactly as spoken, whole: a range with both ends, "1 hour and 10 \
minutes" with the minutes. Do not convert, round or add up.
- spells names as the video's title, channel or the request does; captions often mishear them. \
Where nothing shows how a misheard name is spelled, describe the thing instead, or keep the \
captions' spelling.
- claims no more than its sentences say, and nothing from your own knowledge."""
"""What a claim must be, for whoever writes one."""

SYSTEM = f"""You are a careful researcher. You read transcripts of videos and write down \
everything they say that helps to answer a request, as claims that a program will check against \
the words cited.

<transcripts> is not JSON: under each video's title and channel stand its sentences, one a line, \
each with its number. Captions may lack punctuation, and a sentence may run over several lines.

{CLAIM}

Rules
1. For each claim, first list the numbers of all sentences that it rests on: those with the \
number, the condition and the thing meant. Leave out sentences that add nothing.
2. "section" is the entry of facts_wanted that the claim answers, copied exactly. If \
facts_wanted is empty, or the claim answers the request but none of its entries, leave it empty.
3. Read each transcript to its end. Take what a person who asked this would want to know: the \
answer itself, its figures, steps, causes, warnings, and where sources or cases differ. Leave \
out greetings, adverts, jokes, repetition, and what is not about the request; a video that is \
not about it gives no claims.
4. <limit> is the most claims for each wanted fact and video, the most useful first. It is a \
bound, not a target: a claim that adds nothing to the others stays out.
5. Two videos that say the same give one claim each. Never merge or settle what they say.
6. "unanswered" lists the entries of facts_wanted on which these transcripts say nothing at all.
{RULE}"""


def render(
    request: str, facts: list[str], brief: str, transcripts: str, limit: int
) -> list[BaseMessage]:
    """Return the extractor's messages.

    Args:
        request: in the user's own words.
        facts: the kinds of fact that are wanted.
        brief: what the plan says that this step must do.
        transcripts: videos with numbered sentences; see `cliptrail.tools.text.numbered`.
        limit: most claims for each wanted fact and video.
    """
    blocks = [
        fence_lines("transcripts", transcripts),
        fence("request", request),
        fence("facts_wanted", facts),
        fence("brief", brief),
        fence("limit", limit),
    ]
    return [SystemMessage(SYSTEM), HumanMessage("\n".join(blocks))]
