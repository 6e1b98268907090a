"""ReAct: one agent with all tools; the model decides after every observation."""

from cliptrail.graphs.base import Builder, add_agents, frame
from cliptrail.nodes.common.annotate import annotate
from cliptrail.nodes.common.dispatch import dispatcher
from cliptrail.nodes.react.agent import agent
from cliptrail.state.dialogue import DialogueState


def build() -> Builder:
    """Wire the pattern; compile it with a checkpointer where there is none around it."""
    graph = frame("react", first="annotate")
    graph.add_node("annotate", annotate)
    # The agent's tools are the nodes of the registered agents.
    graph.add_node(
        "agent",
        agent,
        input_schema=DialogueState,
        destinations=("agent", "dispatch", "save"),
    )
    tools = add_agents(graph, back_to="dispatch")
    graph.add_node("dispatch", dispatcher(then="agent"), destinations=(*tools, "agent", "save"))
    graph.add_edge("annotate", "agent")
    return graph


graph = build().compile(name="react")
