import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { Said } from "./said";

const html = (text: string) => renderToStaticMarkup(<Said>{text}</Said>);

it("shows emphasis", () => {
  expect(html("Heat to **225** _degrees_ with `air`")).toBe(
    '<span class="said"><p>Heat to <strong>225</strong> <em>degrees</em> with <code>air</code></p></span>',
  );
});

it.each([
  "1. Heat to 225",
  "# not a heading",
  "- no list",
  "    no code",
  "5 * 3 * 2",
  "snake_case_name",
  "a \\ b",
])("shows %j as it is", (text) => expect(html(text)).toContain(`>${text.trim()}<`));

it.each([
  ["<script>alert(1)</script>", "&lt;script&gt;"],
  ["<img src=x onerror=alert(1)>", "&lt;img"],
  ["![a](https://evil.example/a.png)", "![a](https://evil.example/a.png)"],
  ["[a](javascript:alert(1))", "[a](javascript:alert(1))"],
  ["<https://evil.example>", "&lt;https://evil.example&gt;"],
  ["> a quote", "&gt; a quote"],
  ["&lt;b&gt;", "&amp;lt;b&amp;gt;"],
])("makes nothing of %j", (text, shown) => {
  const made = html(text);
  expect(made).toContain(shown);
  expect(made.replace(/<\/?(span|p)\b[^>]*>/g, "")).not.toMatch(/</);
});
