"""How the offline engine objects: passages that give another value for what a claim measures."""

from cliptrail.tools.models.offline.choice.passages import passages
from cliptrail.tools.models.offline.disagreements import Said, disagreements
from cliptrail.tools.models.offline.roles.extracting import shown
from cliptrail.tools.models.offline.rules import Prompt, rule

MOST = 20
"""Most objections."""


@rule("CritiqueDraft")
def criticise(prompt: Prompt) -> dict[str, object]:
    """Answer the critic's question."""
    claims = list(prompt.data("claims") or [])
    rows = [
        (video, passage)
        for video in shown(prompt)
        for passage in passages([text for _, text in video.sentences])
    ]
    said = [Said(str(claim["text"]), str(claim["channel"])) for claim in claims]
    said += [Said(passage.text, video.channel) for video, passage in rows]
    objections = []
    for found in disagreements(said, len(said)):
        claim, passage = found.statements
        if claim < len(claims) <= passage:
            video, row = rows[passage - len(claims)]
            objections.append(
                {
                    "claim": str(claims[claim]["id"]),
                    "sentences": [
                        number for number, _ in video.sentences[row.first : row.last + 1]
                    ],
                    "reason": "It gives another value for the same measure.",
                    "objection": "contradicts",
                    "text": row.shown[:600],
                }
            )
    return {"objections": objections[:MOST]}
