/** Editing a plan: each edit gives a new plan, and leaves the old one as it was. */
import type { Agent, Fault, Plan, Step } from "../server/types";

const REFERENCE = /^\$([a-z][a-z0-9_]*)/;

/** Change fields of a step. */
export function changed(plan: Plan, id: string, fields: Partial<Step>): Plan {
  return {
    ...plan,
    steps: (plan.steps ?? []).map((step) => (step.id === id ? { ...step, ...fields } : step)),
  };
}

/** Change one input of a step; undefined takes it out. */
export function withInput(plan: Plan, id: string, name: string, value: unknown): Plan {
  const inputs = { ...plan.steps?.find((step) => step.id === id)?.inputs };
  if (value === undefined) delete inputs[name];
  else inputs[name] = value;
  return changed(plan, id, { inputs });
}

/** Take a step out, and what can be taken out with it: waiting for it, and its part of lists. */
export function without(plan: Plan, id: string): Plan {
  const steps = (plan.steps ?? []).filter((step) => step.id !== id);
  return { ...plan, steps: steps.map((step) => unreferring(step, id)) };
}

function unreferring(step: Step, id: string): Step {
  const refers = (value: unknown) => typeof value === "string" && REFERENCE.exec(value)?.[1] === id;
  const inputs = Object.entries(step.inputs ?? {}).map(([name, value]) =>
    Array.isArray(value) ? [name, value.filter((part) => !refers(part))] : [name, value],
  );
  const needs = step.depends_on?.filter((need) => need !== id);
  return {
    ...step,
    ...(step.inputs ? { inputs: Object.fromEntries(inputs) as Record<string, unknown> } : {}),
    ...(needs ? { depends_on: needs } : {}),
  };
}

/** Add a step for an agent, with its required inputs left to fill in; gives its id too. */
export function added(plan: Plan, agent: Agent): [Plan, string] {
  const taken = new Set(plan.steps?.map((step) => step.id));
  let id = agent.name;
  for (let n = 2; taken.has(id); n += 1) id = `${agent.name}_${n}`;
  const required = agent.inputs.filter((input) => input.required);
  const inputs = Object.fromEntries(required.map((input) => [input.name, ""]));
  return [{ ...plan, steps: [...(plan.steps ?? []), { id, agent: agent.name, inputs }] }, id];
}

/** Give an input's value as text to edit. */
export function written(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Read the text of an input: what is no text by its type may be a number, a list, a reference. */
export function read(text: string, kind: string): unknown {
  if (kind === "str") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Give the faults that concern a field of a step. */
export function faultsOf(faults: Fault[], step: string, field: string): Fault[] {
  return faults.filter(
    (fault) => fault.step === step && (fault.field === field || fault.field.startsWith(`${field}.`)),
  );
}
