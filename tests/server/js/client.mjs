// Drives every pattern of a server through the JavaScript SDK as a page or a Node program would,
// all at once, and prints what it saw as JSON. Usage: node client.mjs URL PATTERNS_JSON
import assert from "node:assert/strict";
import { appendFileSync, existsSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "@langchain/langgraph-sdk";

const [url, patterns] = process.argv.slice(2);
const client = new Client({ apiUrl: url, apiKey: null });
const context = { library: "samples", model: "openai:js" };
const auto = { ...context, approval: "auto" };
const request = "How do I rest a brisket?";
const approve = { decisions: [{ type: "approve" }] };

const newThread = async () => (await client.threads.create()).thread_id;
const valuesOf = async (thread) => (await client.threads.getState(thread)).values;

async function streamed({ name }) {
  const thread = await newThread();
  const kinds = new Set();
  const nodes = new Set();
  const parts = client.runs.stream(thread, name, {
    input: { request, output: `js_streamed_${name}.md` },
    context: auto,
    streamMode: ["custom", "updates"],
  });
  for await (const { event, data } of parts) {
    if (event === "custom") kinds.add(data.kind);
    if (event === "updates") Object.keys(data).forEach((node) => nodes.add(node));
  }
  const { status } = await valuesOf(thread);
  return { status, kinds: [...kinds], nodes: [...nodes] };
}

async function background({ name, place }) {
  const thread = await newThread();
  const held = { ...auto, model: `openai:${basename(place)}` };
  const input = { request, output: `${basename(place)}.md` };
  const start = (more) => client.runs.create(thread, name, { input, context: held, ...more });
  const first = await start({});
  while (!existsSync(`${place}/begun`)) await pause(20);
  await assert.rejects(start({ multitaskStrategy: "reject" }), { status: 409 });
  const { status: before } = await client.runs.get(thread, first.run_id);
  await client.runs.cancel(thread, first.run_id, true);
  const { status: cancelled } = await client.runs.get(thread, first.run_id);
  appendFileSync(`${place}/open`, "");
  const second = await client.runs.create(thread, name, { input: null, context: held });
  const { status } = await client.runs.join(thread, second.run_id);
  return { before, cancelled, status };
}

// From the checkpoint before the node that decides, the way is gone once more.
async function forked({ name, decides }) {
  const thread = await newThread();
  const input = { request, output: `js_forked_${name}.md` };
  const first = await client.runs.wait(thread, name, { input, context: auto });
  const before = await client.threads.getHistory(thread, { limit: 1000 });
  const { checkpoint } = before.findLast(({ next }) => next[0] === decides);
  const from = { input: null, context: auto, checkpointId: checkpoint.checkpoint_id };
  const second = await client.runs.wait(thread, name, from);
  const after = await client.threads.getHistory(thread, { limit: 1000 });
  assert.ok(after.length > before.length);
  assert.deepEqual(after.slice(after.length - before.length), before);
  return { statuses: [first.status, second.status], files: [first.files[0], second.files[0]] };
}

async function followed({ name }) {
  const thread = await newThread();
  const states = [];
  for (const asked of [request, "What about timing?"]) {
    const input = { request: asked, output: `js_followed_${states.length}.md` };
    await client.runs.wait(thread, name, { input, context: auto });
    states.push(await valuesOf(thread));
  }
  return states.map(({ status, results, conversation }) => ({
    status,
    turns: conversation.length,
    read: Object.values(results).filter(({ agent }) => agent === "transcript"),
  }));
}

async function ask(name, output) {
  const thread = await newThread();
  const asked = await client.runs.wait(thread, name, { input: { request, output }, context });
  const [question] = asked.__interrupt__;
  const [action] = question.value.action_requests;
  assert.equal(action.name, "run_plan");
  return { thread, args: action.args };
}

const answer = (name, thread, ...decisions) =>
  client.runs.wait(thread, name, { command: { resume: { decisions } } });

async function approved({ name }) {
  const { thread } = await ask(name, "js_approved.md");
  const { status } = await answer(name, thread, { type: "approve" });
  return { status };
}

async function edited({ name }) {
  const { thread, args } = await ask(name, "js_edited.md");
  const plan = structuredClone(args.plan);
  plan.steps.find((step) => step.agent === "search").inputs.limit = 1;
  const edited_action = { name: "run_plan", args: { ...args, plan } };
  const { status } = await answer(name, thread, { type: "edit", edited_action });
  const { revisions } = await valuesOf(thread);
  return { status, revisions: revisions.map((row) => row.by) };
}

async function rejected({ name }) {
  const { thread } = await ask(name, "js_rejected.md");
  const again = await answer(name, thread, { type: "reject", message: "two videos, please" });
  const ended = await answer(name, thread, { type: "reject" });
  return { asked: again.__interrupt__.length, stop_reason: ended.stop_reason };
}

async function reconsidered({ name }) {
  const { thread } = await ask(name, "js_reconsidered.md");
  await answer(name, thread, { type: "reject" });
  const history = await client.threads.getHistory(thread);
  const { checkpoint } = history.find(({ next }) => next[0] === "approve");
  const { checkpoint_id: checkpointId } = checkpoint;
  await client.runs.wait(thread, name, { input: null, checkpointId });
  const { status } = await client.runs.wait(thread, name, { command: { resume: approve } });
  return { status };
}

function tasksOf({ plans, remembers }) {
  const asking = plans ? { approved, edited, rejected, reconsidered } : {};
  return { streamed, background, forked, ...asking, ...(remembers ? { followed } : {}) };
}

async function all(rows, each) {
  return Object.fromEntries(await Promise.all(rows.map(async (row) => each(row))));
}

const seen = await all(JSON.parse(patterns), async (pattern) => {
  const done = await all(Object.entries(tasksOf(pattern)), async ([task, run]) => [
    task,
    await run(pattern),
  ]);
  return [pattern.name, done];
});
console.log(JSON.stringify(seen));
