/** What a run really waited for. */
import type { StepAudit } from "../server/types";

/** Give the chain of steps that the last one to end had waited for, first one first. */
export function realPath(audit: StepAudit[]): string[] {
  const ran = new Map(
    audit.filter((row) => row.started !== null && !row.superseded).map((row) => [row.id, row]),
  );
  const end = (row: StepAudit) => (row.started ?? 0) + row.actual.seconds;
  const latest = (rows: StepAudit[]) =>
    rows.reduce<StepAudit | undefined>((a, b) => (a && end(a) >= end(b) ? a : b), undefined);
  const path: string[] = [];
  let here = latest([...ran.values()]);
  while (here && !path.includes(here.id)) {
    path.unshift(here.id);
    here = latest(here.needs.flatMap((id) => ran.get(id) ?? []));
  }
  return path;
}
