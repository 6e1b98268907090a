// Drives a server through the JavaScript SDK as a page or a Node program would, and prints what it
// saw as JSON. Usage: node client.mjs URL PATTERN HELD_INPUT_JSON
import assert from "node:assert/strict";
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "@langchain/langgraph-sdk";

const [url, pattern, heldInput] = process.argv.slice(2);
const client = new Client({ apiUrl: url, apiKey: null });
const context = { library: "samples" };
const request = "How do I rest a brisket?";
const approve = { decisions: [{ type: "approve" }] };

async function ask(output) {
  const { thread_id } = await client.threads.create();
  const asked = await client.runs.wait(thread_id, pattern, { input: { request, output }, context });
  const [question] = asked.__interrupt__;
  const [action] = question.value.action_requests;
  assert.equal(action.name, "run_plan");
  return { thread_id, args: action.args };
}

const answer = (thread_id, resume) =>
  client.runs.wait(thread_id, pattern, { command: { resume } });

async function streamed() {
  const { thread_id } = await ask("js_streamed.md");
  const kinds = new Set();
  const nodes = new Set();
  const parts = client.runs.stream(thread_id, pattern, {
    command: { resume: approve },
    streamMode: ["custom", "updates"],
  });
  for await (const { event, data } of parts) {
    if (event === "custom") kinds.add(data.kind);
    if (event === "updates") Object.keys(data).forEach((name) => nodes.add(name));
  }
  const { values } = await client.threads.getState(thread_id);
  return { status: values.status, kinds: [...kinds], nodes: [...nodes] };
}

async function edited() {
  const { thread_id, args } = await ask("js_edited.md");
  const plan = structuredClone(args.plan);
  plan.steps.find((step) => step.agent === "search").inputs.limit = 1;
  const edited_action = { name: "run_plan", args: { ...args, plan } };
  const ended = await answer(thread_id, { decisions: [{ type: "edit", edited_action }] });
  const { values } = await client.threads.getState(thread_id);
  return { status: ended.status, revisions: values.revisions.map((row) => row.by) };
}

async function rejected() {
  const { thread_id } = await ask("js_rejected.md");
  const again = await answer(thread_id, { decisions: [{ type: "reject", message: "two videos, please" }] });
  const ended = await answer(thread_id, { decisions: [{ type: "reject" }] });
  return { asked: again.__interrupt__.length, stop_reason: ended.stop_reason };
}

async function forked() {
  const { thread_id } = await ask("js_forked.md");
  await answer(thread_id, { decisions: [{ type: "reject" }] });
  const history = await client.threads.getHistory(thread_id);
  const { checkpoint } = history.find(({ next }) => next[0] === "approve");
  await client.runs.wait(thread_id, pattern, { input: null, checkpointId: checkpoint.checkpoint_id });
  return { status: (await answer(thread_id, approve)).status };
}

async function background() {
  const input = JSON.parse(heldInput);
  const { folder } = input.stored.plan.steps.find((step) => step.agent === "hold").inputs;
  const { thread_id } = await client.threads.create();
  const auto = { ...context, approval: "auto" };
  const start = (more) => client.runs.create(thread_id, pattern, { input, context: auto, ...more });
  const first = await start({});
  while (!existsSync(`${folder}/begun`)) await pause(20);
  await assert.rejects(start({ multitaskStrategy: "reject" }), { status: 409 });
  await client.runs.cancel(thread_id, first.run_id, true);
  const { status } = await client.runs.get(thread_id, first.run_id);
  appendFileSync(`${folder}/open`, "");
  const second = await client.runs.create(thread_id, pattern, { input: null, context: auto });
  const ended = await client.runs.join(thread_id, second.run_id);
  return { cancelled: status, status: ended.status };
}

const tasks = { streamed, edited, rejected, forked, background };
const done = Object.entries(tasks).map(async ([name, run]) => [name, await run()]);
console.log(JSON.stringify(Object.fromEntries(await Promise.all(done))));
