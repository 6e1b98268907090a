"""The bundled samples answer what they are about, and nothing else."""

import pytest

from cliptrail.evals.refusals import ANSWERED, REFUSED, outcomes


@pytest.fixture(scope="module")
def ends() -> dict[str, tuple[bool, str]]:
    return {row.request: (row.answered, row.why) for row in outcomes((*ANSWERED, *REFUSED))}


@pytest.mark.parametrize("request_text", ANSWERED)
def test_what_the_samples_are_about_is_answered(request_text, ends):
    assert ends[request_text] == (True, "done")


@pytest.mark.parametrize("request_text", REFUSED)
def test_what_they_are_not_about_is_refused(request_text, ends):
    assert ends[request_text] == (False, "no_evidence")


def test_both_sets_are_large_enough():
    assert min(len(set(ANSWERED)), len(set(REFUSED))) >= 10
