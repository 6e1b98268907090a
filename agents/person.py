"""Questions to the person: the run waits until they are answered in a way that fits."""

from collections.abc import Sequence

from langgraph.types import interrupt
from pydantic import ValidationError

from cliptrail.state.approval import Reply, Respond, approval_request
from cliptrail.state.errors import InputMissing

ACTION = "answer_question"
"""Name of the action in the request."""
EXAMPLE = 'Answer like this: {"decisions": [{"type": "respond", "message": "…"}]}'
ANSWERS = Reply.model_json_schema()
"""For clients that make a form of it."""


def ask_person(step: str, question: str, choices: Sequence[str]) -> str:
    """Interrupt the run with a question and give the answer.

    An answer that does not fit is explained and asked for again.

    Args:
        step: id of the step that asks.
        question: in words.
        choices: what may be answered; none for any words.

    Raises:
        InputMissing: the person declined to answer.
    """
    args = {"step": step, "question": question, "choices": list(choices)}
    complaint = ""
    while True:
        text = f"{complaint}\n\n{question}".strip()
        request = approval_request(ACTION, args, text, ("respond", "reject"))
        answer = interrupt(request, response_schema=ANSWERS)
        try:
            decision = Reply.model_validate(answer).decisions[0]
        except ValidationError as error:
            complaint = f"The answer was not understood: {error.errors()[0]['msg']}. {EXAMPLE}"
            continue
        if not isinstance(decision, Respond):
            why = decision.message.strip()
            raise InputMissing(f"The question was not answered{': ' if why else '.'}{why}")
        said = decision.message.strip()
        if said and (not choices or said in choices):
            return said
        complaint = f"The answer must be one of: {', '.join(choices)}." if choices else "Say it."
