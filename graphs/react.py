"""ReAct: one agent with all tools; the model decides after every observation."""

from graphs.base import Builder, add_agents, frame
from nodes.annotate import annotate
from nodes.dispatch import dispatcher
from nodes.react.agent import agent
from state.dialogue import DialogueState


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
