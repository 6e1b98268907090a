"""How the offline engine objects: passages that give another value for what a claim measures."""

from cliptrail.tools.models.offline.disagreements import Said, disagreements
from cliptrail.tools.models.offline.roles.extracting import candidates, shown
from cliptrail.tools.models.offline.rules import Prompt, rule

MOST = 20
"""Most objections."""


@rule("CritiqueDraft")
def criticise(prompt: Prompt) -> dict[str, object]:
    """Answer the critic's question."""
    claims = list(prompt.data("claims") or [])
    transcripts = shown(prompt)
    passages = [row for place, each in enumerate(transcripts) for row in candidates(place, each)]
    said = [Said(str(claim["text"]), str(claim["channel"])) for claim in claims]
    said += [Said(row.text, str(transcripts[row.video]["channel"])) for row in passages]
    objections = []
    for found in disagreements(said, len(said)):
        claim, passage = found.statements
        if claim < len(claims) <= passage:
            row = passages[passage - len(claims)]
            objections.append(
                {
                    "claim": str(claims[claim]["id"]),
                    "sentences": list(row.segments[:40]),
                    "reason": "It gives another value for the same measure.",
                    "objection": "contradicts",
                    "text": row.text[:600],
                }
            )
    return {"objections": objections[:MOST]}
