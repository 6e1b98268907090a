"""What every pattern's graph has in common: the first node, the agents, the finishing nodes."""

from langgraph.graph import END, START, StateGraph

from cliptrail.agents.registry import agents
from cliptrail.nodes.common.begin import begin
from cliptrail.nodes.common.failed import after_error
from cliptrail.nodes.common.run_step import node_of
from cliptrail.nodes.finish import save, summary
from cliptrail.state.context import Context
from cliptrail.state.research import ResearchInput, ResearchOutput, ResearchState
from cliptrail.state.steps import StepTask
from cliptrail.tools.tracing import start_tracing

Builder = StateGraph[ResearchState, Context, ResearchInput, ResearchOutput]


def frame(pattern: str, first: str, *, plans: bool = False, remembers: bool = False) -> Builder:
    """Return a graph that starts clean and ends in the finishing nodes, whatever happens between.

    Args:
        pattern: its name, for the trail.
        first: the node that comes after the clean start.
        plans: does it carry out stored plans?
        remembers: does it go on from what earlier runs of the thread found?
    """
    start_tracing()  # whoever runs a graph, on whatever server: no trace of it goes unmasked
    graph: Builder = StateGraph(
        ResearchState,
        context_schema=Context,
        input_schema=ResearchInput,
        output_schema=ResearchOutput,
    )
    graph.set_node_defaults(error_handler=after_error)  # type: ignore[arg-type]
    start = begin(pattern, then=first, plans=plans, remembers=remembers)
    graph.add_node("begin", start, destinations=(first, "save"))
    graph.add_node("save", save)
    graph.add_node("summary", summary)
    graph.add_edge(START, "begin")
    graph.add_edge("save", "summary")
    graph.add_edge("summary", END)
    return graph


def add_agents(graph: Builder, back_to: str) -> tuple[str, ...]:
    """Add a node for each registered agent, and return their names.

    Args:
        graph: from `frame`.
        back_to: the node that an agent's step leads to.
    """
    for agent in agents().values():
        graph.add_node(agent.name, node_of(agent), input_schema=StepTask)
        graph.add_edge(agent.name, back_to)
    return tuple(agents())
