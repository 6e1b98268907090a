/** The plan as a graph, and the same graph alive. */
import { graphlib, layout } from "@dagrejs/dagre";
import {
  Background,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { memo, useMemo, useSyncExternalStore } from "react";
import { dollars, duration, number } from "../format";
import type { Cost, Instance } from "../server/types";
import { stepOf } from "../server/types";
import type { Going, Phase } from "./progress";

const WIDTH = 196;
const HEIGHT = 66;
const SIZE = { width: WIDTH, height: HEIGHT };
/** Where edges end: said, so that nothing must be measured, and no edge is missing until it is. */
const HANDLES = [
  { type: "target" as const, position: Position.Left, x: 0, y: HEIGHT / 2, width: 1, height: 1 },
  { type: "source" as const, position: Position.Right, x: WIDTH - 1, y: HEIGHT / 2, width: 1, height: 1 },
];
const SMALLEST = 0.7;
const AROUND = { top: "20px", bottom: "20px", left: "20px", right: "64px" } as const;
/** Steps from which on they are drawn smaller. */
const MANY = 24;

interface Shown extends Record<string, unknown> {
  instance: Instance;
  phase: Phase | "planned";
  detail: string;
  critical: boolean;
  selected: boolean;
  faulty: boolean;
  /** Did an earlier run of the thread do it? */
  earlier: boolean;
  select: (id: string) => void;
}

const StepNode = memo(function StepNode({ data }: NodeProps<Node<Shown>>) {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <StepButton shown={data} />
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
});

function StepButton({ shown }: { shown: Shown }) {
  const { instance, phase, detail, critical, selected, faulty, earlier } = shown;
  const classes = ["step-node", phase, critical && "critical", selected && "selected", faulty && "faulty", earlier && "earlier"];
  return (
    <button
      type="button"
      className={classes.filter(Boolean).join(" ")}
      aria-pressed={selected}
      onClick={() => shown.select(instance.id)}
    >
      <span className="name">{instance.id}</span>
      <span className="detail">
        {phase !== "planned" && <span className="phase">{earlier ? "known before" : phase === "asking" ? "asks you" : phase}</span>}
        {phase === "planned" && !instance.id.startsWith(instance.agent) && <span>{instance.agent}</span>}
        {detail && <span>{detail}</span>}
      </span>
    </button>
  );
}

const KINDS = { step: StepNode };

export interface GraphProps {
  instances: Instance[];
  costs: Record<string, Cost>;
  critical: string[];
  steps: Record<string, Going>;
  /** Is the plan carried out, so that steps without news are waiting and not only planned? */
  alive: boolean;
  faulty?: Set<string>;
  selected: string;
  select: (id: string) => void;
}

/** Draw the steps; a click on one selects it. On a narrow screen they stand below each other. */
export function PlanGraph(props: GraphProps) {
  const critical = useMemo(() => new Set(props.critical), [props.critical]);
  const narrow = useSyncExternalStore(watchWidth, () => NARROW.matches);
  const shown = props.instances.map((instance) => shownAs(instance, critical, props));
  return narrow ? <Ranks shown={shown} /> : <Drawing shown={shown} critical={critical} instances={props.instances} />;
}

const NARROW = matchMedia("(max-width: 760px)");

function watchWidth(told: () => void): () => void {
  NARROW.addEventListener("change", told);
  return () => NARROW.removeEventListener("change", told);
}

/** The steps in rows: whatever a step waits for stands above it. */
function Ranks({ shown }: { shown: Shown[] }) {
  const depth = new Map<string, number>();
  for (const { instance } of shown) {
    depth.set(instance.id, Math.max(-1, ...instance.needs.map((need) => depth.get(need) ?? 0)) + 1);
  }
  const rows = [...new Set(depth.values())].sort((a, b) => a - b);
  return (
    <ol className="ranks bare" aria-label="Steps of the plan, by what they wait for">
      {rows.map((row) => (
        <li key={row}>
          {shown
            .filter(({ instance }) => depth.get(instance.id) === row)
            .map((one) => (
              <StepButton key={one.instance.id} shown={one} />
            ))}
        </li>
      ))}
    </ol>
  );
}

function Drawing(props: { shown: Shown[]; critical: Set<string>; instances: Instance[] }) {
  const { instances, critical } = props;
  const places = useMemo(() => placed(instances), [instances]);
  const edges = useMemo(() => joined(instances, critical), [instances, critical]);
  const scale = instances.length > MANY ? SMALLEST : 1;
  const nodes = props.shown.map((data) => ({
    id: data.instance.id,
    type: "step",
    position: places.at[data.instance.id] ?? { x: 0, y: 0 },
    ...SIZE,
    measured: SIZE,
    handles: HANDLES,
    data,
  }));
  return (
    <div className="graph" role="group" aria-label="Steps of the plan, as a graph">
      {/* As large as it must be to be read: what does not fit is scrolled to. */}
      <div style={{ height: Math.max(180, places.height * scale + 48), minWidth: places.width * SMALLEST }}>
      <ReactFlowProvider key={instances.length}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={KINDS}
          fitView
          fitViewOptions={{ padding: AROUND, maxZoom: 1 }}
          minZoom={0.15}
          maxZoom={1.5}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          zoomOnScroll={false}
          preventScrolling={false}
          zoomOnDoubleClick={false}
          disableKeyboardA11y
          proOptions={{ hideAttribution: true }}
        >
          <Background gap={22} size={1} />
          <Controls showInteractive={false} position="top-right" />
        </ReactFlow>
      </ReactFlowProvider>
      </div>
    </div>
  );
}

function shownAs(instance: Instance, critical: Set<string>, props: GraphProps): Shown {
  const going = props.steps[instance.id];
  return {
    instance,
    phase: going?.phase ?? (props.alive ? "waiting" : "planned"),
    detail: detail(instance, going, props),
    critical: critical.has(instance.id),
    selected: props.selected === instance.id,
    faulty: props.faulty?.has(stepOf(instance.id)) ?? false,
    earlier: going?.earlier ?? false,
    select: props.select,
  };
}

function detail(instance: Instance, going: Going | undefined, props: GraphProps): string {
  if (going?.earlier) return "";
  if (going?.result) return going.result.seconds ? duration(going.result.seconds) : "";
  if (going?.phase === "running") return going.part?.replace(/ [a-z ]+$/, "") ?? "";
  const cost = props.costs[instance.id];
  if (!cost || props.alive) return "";
  if (!cost.calls) return "no model call";
  const tokens = `${short(cost.input_tokens + cost.output_tokens)} tokens`;
  return `${instance.tier} · ${cost.usd ? dollars(cost.usd) : tokens}`;
}

function short(tokens: number): string {
  return tokens < 1000 ? number(tokens) : `${(tokens / 1000).toFixed(tokens < 10_000 ? 1 : 0)}k`;
}

interface Places {
  at: Record<string, { x: number; y: number }>;
  width: number;
  height: number;
}

function placed(instances: Instance[]): Places {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 52 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const row of instances) graph.setNode(row.id, { width: WIDTH, height: HEIGHT });
  for (const row of instances) for (const need of row.needs) graph.setEdge(need, row.id);
  layout(graph);
  const spots = instances.map((row) => graph.node(row.id) as { x: number; y: number });
  const flip = mirrored(spots.map((spot) => spot.y));
  const at = instances.map((row, index) => {
    const { x, y } = spots[index] ?? { x: 0, y: 0 };
    return [row.id, { x: x - WIDTH / 2, y: flip(y) - HEIGHT / 2 }] as const;
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { at: Object.fromEntries(at), width, height };
}

/** Turn the drawing over where the steps stand against their order in the plan. */
function mirrored(places: number[]): (place: number) => number {
  const order = places.reduce((sum, place, index) => sum + place * (2 * index - places.length + 1), 0);
  const [low, high] = [Math.min(...places), Math.max(...places)];
  return order < 0 ? (place) => low + high - place : (place) => place;
}

function joined(instances: Instance[], critical: Set<string>): Edge[] {
  return instances.flatMap((row) =>
    row.needs.map((need) => ({
      id: `${need}→${row.id}`,
      source: need,
      target: row.id,
      className: critical.has(need) && critical.has(row.id) ? "critical" : "",
    })),
  );
}
