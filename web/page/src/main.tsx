/** The page: which screen belongs to which address. */
import "./style.css";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { AskScreen } from "./ask/ask";
import { useAddress } from "./frame/address";
import { Frame } from "./frame/frame";
import { Empty, Link, Loading } from "./frame/parts";

const RunScreen = lazy(() => import("./run/run").then((module) => ({ default: module.RunScreen })));
const RunsScreen = lazy(() => import("./runs/runs").then((module) => ({ default: module.RunsScreen })));
const ToldScreen = lazy(() => import("./runs/told").then((module) => ({ default: module.ToldScreen })));
const LibraryScreen = lazy(() => import("./library/library").then((module) => ({ default: module.LibraryScreen })));

function Page() {
  const { parts, query } = useAddress();
  const [here = "", ...rest] = parts;
  return (
    <Frame here={here === "command-line" ? "runs" : here}>
      <Suspense fallback={<Loading what="the screen" />}>
        <Screen here={here} rest={rest} query={query} />
      </Suspense>
    </Frame>
  );
}

function Screen({ here, rest, query }: { here: string; rest: string[]; query: URLSearchParams }) {
  const [from, like] = [query.get("from") ?? "", query.get("like") ?? ""];
  if (here === "") return <AskScreen key={from + like} from={from} like={like} />;
  if (here === "runs" && rest[0]) return <RunScreen threadId={rest[0]} tab={rest[1]} forking={query.has("fork")} />;
  if (here === "runs") return <RunsScreen />;
  if (here === "command-line" && rest[0]) return <ToldScreen threadId={rest[0]} side={rest[1]} />;
  if (here === "library") return <LibraryScreen name={rest[0]} videoId={rest[1]} query={query} />;
  return (
    <Empty title="There is nothing here">
      <Link to="/">Ask something</Link>
    </Empty>
  );
}

const root = document.getElementById("page");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
