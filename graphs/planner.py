"""The planner: one planning call, a person's approval, then nobody decides any more."""

from langgraph.graph import END, START, StateGraph

from nodes.annotate import annotate
from nodes.approve import approve
from nodes.begin import begin
from nodes.dispatch import dispatcher
from nodes.failed import to_tail
from nodes.plan import plan
from nodes.registry import agents
from nodes.tail import save, summary
from nodes.work import node_of
from state.context import Context
from state.research import ResearchInput, ResearchOutput, ResearchState
from state.steps import StepTask

Builder = StateGraph[ResearchState, Context, ResearchInput, ResearchOutput]


def build() -> Builder:
    """Wire the pattern; compile it with a checkpointer where there is none around it."""
    graph: Builder = StateGraph(
        ResearchState,
        context_schema=Context,
        input_schema=ResearchInput,
        output_schema=ResearchOutput,
    )
    graph.set_node_defaults(error_handler=to_tail)  # type: ignore[arg-type]
    graph.add_node("begin", begin("planner", then="annotate"), destinations=("annotate", "save"))
    graph.add_node("annotate", annotate)
    graph.add_node("planner", plan, destinations=("approve", "dispatch", "save"))
    graph.add_node("approve", approve, destinations=("dispatch", "planner", "save"))
    graph.add_node("dispatch", dispatcher("planner"), destinations=(*agents(), "planner", "save"))
    for agent in agents().values():
        graph.add_node(agent.name, node_of(agent), input_schema=StepTask)
        graph.add_edge(agent.name, "dispatch")
    graph.add_node("save", save)
    graph.add_node("summary", summary)
    graph.add_edge(START, "begin")
    graph.add_edge("annotate", "planner")
    graph.add_edge("save", "summary")
    graph.add_edge("summary", END)
    return graph


graph = build().compile(name="planner")
