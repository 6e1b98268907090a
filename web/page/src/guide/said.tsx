/** Words of models and of transcripts: never HTML, and of Markdown only what a sentence may have. */
import Markdown from "react-markdown";

// A sentence that begins with "1." or "#" is no list and no heading, and its figures must stay.
// "&lt;" and a backslash were said or written so, too.
const OFF = [
  "autolink",
  "blockQuote",
  "characterEscape",
  "characterReference",
  "codeFenced",
  "codeIndented",
  "definition",
  "hardBreakEscape",
  "headingAtx",
  "htmlFlow",
  "htmlText",
  "labelStartImage",
  "labelStartLink",
  "list",
  "setextUnderline",
  "thematicBreak",
];
const ALLOWED = ["p", "em", "strong", "code"];

function sentencesOnly(this: { data: () => object }) {
  const data = this.data() as { micromarkExtensions?: unknown[] };
  const extensions = (data.micromarkExtensions ??= []);
  extensions.push({ disable: { null: OFF } });
}

/** Show a sentence with its emphasis, and everything else of it as it was written. */
export function Said({ children }: { children: string }) {
  return (
    <span className="said">
      <Markdown remarkPlugins={[sentencesOnly]} allowedElements={ALLOWED} unwrapDisallowed skipHtml={false}>
        {children}
      </Markdown>
    </span>
  );
}
