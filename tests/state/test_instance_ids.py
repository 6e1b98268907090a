"""Instance ids: one string in checkpoints and events, read into its parts in one place."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliptrail.state.plan import InstanceId
from cliptrail.state.steps import StepResult
from cliptrail.tools.checkpoints import serializer

STEPS = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
PLACES = st.none() | st.integers(0, 10**9 - 1)


@given(STEPS, PLACES)
def test_an_id_is_read_back_from_its_string(step: str, position: int | None) -> None:
    made = InstanceId(step, position)
    assert made == str(made)
    for back in (
        InstanceId.parse(str(made)),
        copy.deepcopy(made),
        pickle.loads(pickle.dumps(made)),
    ):
        assert (back, back.step, back.position) == (made, step, position)


@given(STEPS, PLACES)
def test_it_comes_back_from_json_and_from_checkpoints(step: str, position: int | None) -> None:
    result = StepResult(id=str(InstanceId(step, position)), agent="a", status="done")
    stored = serializer()
    for back in (
        StepResult.model_validate_json(result.model_dump_json()),
        stored.loads_typed(stored.dumps_typed({result.id: result}))[result.id],
    ):
        assert (back.id.step, back.id.position) == (step, position)


def test_ids_sort_by_step_and_then_by_number() -> None:
    texts = ["fetch[10]", "fetch[2]", "fetch", "a[3]"]
    assert sorted(map(InstanceId.parse, texts)) == ["a[3]", "fetch", "fetch[2]", "fetch[10]"]
    assert InstanceId("fetch", 10) > "fetch[9]"
    assert InstanceId("fetch", 2) <= InstanceId("fetch", 2) >= InstanceId("fetch", 1)


def test_an_id_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        InstanceId("fetch", 0).position = 1
