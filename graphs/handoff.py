"""The handoff: whoever has done a piece of work judges the user's goal, and hands on."""

from cliptrail.graphs.base import Builder, add_agents, frame
from cliptrail.nodes.common.dispatch import dispatcher
from cliptrail.nodes.handoff.goal_check import goal_check
from cliptrail.nodes.handoff.router import router
from cliptrail.nodes.handoff.synthesizer import synthesizer
from cliptrail.nodes.handoff.validation import validate


def build() -> Builder:
    """Wire the pattern; compile it with a checkpointer where there is none around it."""
    graph = frame("handoff", first="synthesizer")
    graph.add_node("synthesizer", synthesizer, destinations=("router", "dispatch", "save"))
    graph.add_node("router", router, destinations=("validate", "dispatch", "save"))
    graph.add_node("validate", validate, destinations=("dispatch", "router", "save"))
    agents = add_agents(graph, back_to="dispatch")
    # All that can run at once does; when it has ended, its goal is checked at once as well.
    carry_out = dispatcher(then="goal_check")
    graph.add_node("dispatch", carry_out, destinations=(*agents, "goal_check", "save"))
    graph.add_node("goal_check", goal_check, destinations=("router", "dispatch", "save"))
    return graph


graph = build().compile(name="handoff")
