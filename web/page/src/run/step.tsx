/** One step of a plan: read it, or edit it in place with its faults beside it. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Agent, Fault, Plan, Step, Tier } from "../server/types";
import { shown } from "../format";
import { changed, faultsOf, read, withInput, written } from "./draft";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const TIERS: Tier[] = ["powerful", "capable", "cheap"];

interface Props {
  plan: Plan;
  id: string;
  agents: Agent[];
  faults: Fault[];
  close: () => void;
  /** Missing where the plan is only read. */
  change?: (plan: Plan) => void;
  drop?: () => void;
}

/** Show a step with all its fields. */
export function StepEditor(props: Props) {
  const step = props.plan.steps?.find((row) => row.id === props.id);
  if (!step) return null;
  const agent = props.agents.find((row) => row.name === step.agent);
  const about = [step.agent, agent?.about].filter(Boolean).join(" · ");
  return (
    <StepCard id={step.id} about={<p className="muted">{about}</p>} close={props.close}>
      {props.change ? (
        <Editing {...props} change={props.change} step={step} agent={agent} />
      ) : (
        <Reading step={step} />
      )}
    </StepCard>
  );
}

/** What there is of a step: brought into view when it opens, for the graph is above it. */
export function StepCard(props: { id: string; about: ReactNode; close: () => void; children: ReactNode }) {
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    card.current?.focus({ preventScroll: true });
    // In braces: newer browsers give a promise back, which is no cleanup.
    void card.current?.scrollIntoView({ block: "nearest", behavior: CALM.matches ? "instant" : "smooth" });
  }, [props.id]);
  const close = () => {
    document.querySelector<HTMLElement>(".step-node.selected")?.focus();
    props.close();
  };
  return (
    <section ref={card} className="card editor" aria-label={`Step ${props.id}`} tabIndex={-1}>
      <header>
        <div>
          <h2 className="part-title">{props.id}</h2>
          {props.about}
        </div>
        <button type="button" className="plain" onClick={close} aria-label="Close the step">
          ✕
        </button>
      </header>
      {props.children}
    </section>
  );
}

function Reading({ step }: { step: Step }) {
  const rows: [string, unknown][] = [
    ["Brief", step.brief],
    ...Object.entries(step.inputs ?? {}),
    ["For each", step.for_each],
    ["After", step.depends_on?.join(", ")],
    ["Tier", step.tier],
    ["Expected", step.expect?.map(shown).join(", ")],
  ];
  return (
    <dl className="pairs">
      {rows
        .filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
    </dl>
  );
}

interface EditingProps extends Props {
  step: Step;
  agent: Agent | undefined;
  change: (plan: Plan) => void;
}

function Editing({ plan, step, agent, faults, change, drop }: EditingProps) {
  const set = (fields: Partial<Step>) => change(changed(plan, step.id, fields));
  const unused = agent?.inputs.filter((row) => !(row.name in (step.inputs ?? {}))) ?? [];
  return (
    <div className="fields">
      <Text label="Brief" rows={2} value={step.brief ?? ""} faults={faultsOf(faults, step.id, "brief")} set={(brief) => set({ brief })} />
      {Object.entries(step.inputs ?? {}).map(([name, value]) => (
        <Input
          key={name}
          name={name}
          value={value}
          row={agent?.inputs.find((input) => input.name === name)}
          faults={faultsOf(faults, step.id, `inputs.${name}`)}
          set={(now) => change(withInput(plan, step.id, name, now))}
        />
      ))}
      <Text
        label="For each"
        about={'A list to map the step over, with its limit: "$search.videos[:3]"'}
        value={step.for_each ?? ""}
        faults={faultsOf(faults, step.id, "for_each")}
        set={(text) => set({ for_each: text || null })}
      />
      <Text
        label="Also after"
        about="Steps that must end first although nothing of theirs is used"
        value={(step.depends_on ?? []).join(", ")}
        faults={faultsOf(faults, step.id, "depends_on")}
        set={(text) => set({ depends_on: text.split(",").map((part) => part.trim()).filter(Boolean) })}
      />
      <label>
        Tier
        <select value={step.tier ?? ""} onChange={(event) => set({ tier: (event.target.value || null) as Tier | null })}>
          <option value="">{agent ? `as the agent: ${agent.tier}` : "as the agent"}</option>
          {TIERS.map((tier) => (
            <option key={tier}>{tier}</option>
          ))}
        </select>
      </label>
      <Others faults={faults} step={step.id} />
      <div className="actions">
        {unused.map((row) => (
          <button key={row.name} type="button" className="small" title={row.about} onClick={() => change(withInput(plan, step.id, row.name, ""))}>
            + {row.name}
          </button>
        ))}
        <button type="button" className="small danger" onClick={drop}>
          Drop this step
        </button>
      </div>
    </div>
  );
}

function Others({ faults, step }: { faults: Fault[]; step: string }) {
  const rest = ["id", "agent", "expect", ""].flatMap((field) =>
    faults.filter((fault) => fault.step === step && fault.field === field),
  );
  return <FaultLines faults={rest} />;
}

function FaultLines({ faults, id }: { faults: Fault[]; id?: string }) {
  if (!faults.length) return null;
  return (
    <small id={id} className="fault">
      {faults.map((fault) => fault.message).join(" ")}
    </small>
  );
}

interface InputProps {
  name: string;
  value: unknown;
  row: Agent["inputs"][number] | undefined;
  faults: Fault[];
  set: (value: unknown) => void;
}

function Input({ name, value, row, faults, set }: InputProps) {
  // What is typed stays as typed; only what is read from it goes into the plan.
  const [typed, setText] = useState(() => written(value));
  const kind = row?.kind ?? "str";
  const isOfThis = JSON.stringify(read(typed, kind)) === JSON.stringify(value);
  const text = isOfThis ? typed : written(value);
  const about = [row?.about, row && kind !== "str" && `(${kind})`].filter(Boolean).join(" ");
  const change = (now: string) => {
    setText(now);
    set(read(now, kind));
  };
  const remove = row?.required ? undefined : () => set(undefined);
  return <Text label={name} about={about} value={text} faults={faults} set={change} remove={remove} />;
}

interface TextProps {
  label: string;
  about?: string;
  value: string;
  rows?: number;
  faults: Fault[];
  set: (text: string) => void;
  remove?: (() => void) | undefined;
}

function Text({ label, about, value, rows, faults, set, remove }: TextProps) {
  const id = useId();
  const [said, why] = [`${id}-about`, `${id}-fault`];
  const common = {
    id,
    value,
    "aria-invalid": faults.length > 0,
    "aria-describedby": [about && said, faults.length && why].filter(Boolean).join(" ") || undefined,
    onChange: (event: { target: { value: string } }) => set(event.target.value),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {remove && (
        <button type="button" className="link remove" onClick={remove} aria-label={`Leave out ${label}`}>
          leave out
        </button>
      )}
      {rows ? <textarea rows={rows} {...common} /> : <input {...common} />}
      {about && (
        <small id={said} className="muted">
          {about}
        </small>
      )}
      <FaultLines id={why} faults={faults} />
    </div>
  );
}
