"""The planner: one planning call, a person's approval, then no further decisions."""

from cliptrail.graphs.base import Builder, add_agents, frame
from cliptrail.nodes.common.annotate import annotate
from cliptrail.nodes.common.dispatch import dispatcher
from cliptrail.nodes.planner.approve import approve
from cliptrail.nodes.planner.plan import plan


def build() -> Builder:
    """Wire the pattern; compile it with a checkpointer where there is none around it."""
    graph = frame("planner", first="annotate", plans=True)
    graph.add_node("annotate", annotate)
    graph.add_node("planner", plan, destinations=("approve", "dispatch", "save"))
    graph.add_node("approve", approve, destinations=("dispatch", "planner", "save"))
    agents = add_agents(graph, back_to="dispatch")
    # The plan is replaced only when steps fail or fall short.
    graph.add_node("dispatch", dispatcher("planner"), destinations=(*agents, "planner", "save"))
    graph.add_edge("annotate", "planner")
    return graph


graph = build().compile(name="planner")
