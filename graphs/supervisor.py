"""The supervisor: hub and spokes; what works next is decided each round, from results in short."""

from cliptrail.graphs.base import Builder, add_agents, frame
from cliptrail.nodes.common.dispatch import dispatcher
from cliptrail.nodes.supervisor.supervise import supervise


def build() -> Builder:
    """Wire the pattern; compile it with a checkpointer, for a thread is a conversation."""
    graph = frame("supervisor", first="supervisor", remembers=True)
    graph.add_node("supervisor", supervise, destinations=("dispatch", "save"))
    agents = add_agents(graph, back_to="dispatch")
    # A round ends when all its steps have ended.
    rounds = dispatcher(then="supervisor")
    graph.add_node("dispatch", rounds, destinations=(*agents, "supervisor", "save"))
    return graph


graph = build().compile(name="supervisor")
