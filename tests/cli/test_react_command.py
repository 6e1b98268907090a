"""`cliptrail research --pattern react`: the whole program, with its checkpoints, in one go."""

from pathlib import Path

from tests.cli.command import REQUEST, SAMPLES, invoke, trail_in


def test_an_agent_with_tools_leads_a_run_from_the_command_line(here: Path) -> None:
    ran = invoke("research", REQUEST, *SAMPLES, "--pattern", "react")
    assert ran.code == 0
    assert "agent(assign) to search_1, search_2" in ran.err
    assert "agent(finish)" in ran.err
    assert "7 model calls (5 coordination, 2 work)" in ran.out
    trail = trail_in(here / "pork_loin_guide.trail.json")
    assert (trail.pattern, trail.status) == ("react", "complete")
    assert {row.method for row in trail.ledger if row.role == "agent"} == {"tool_calls"}
