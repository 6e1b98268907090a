/** The videos of a run, by id: from what its steps gave. */
import type { Source, Values } from "../server/types";

/** Collect every video that a step's output names with its title. */
export function sourcesOf(values: Values): Record<string, Source> {
  const found: Record<string, Source> = {};
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (isVideo(value)) found[value.video_id] = value;
  };
  for (const result of Object.values(values.results ?? {})) {
    look(result.output);
    Object.values(result.output ?? {}).forEach(look);
  }
  return found;
}

const YOUTUBE = /^https:\/\/(?:youtu\.be\/|www\.youtube\.com\/watch\?v=)([A-Za-z0-9_-]{11})$/;

/** Give YouTube's id of a video; undefined where the address is any other: it may say anything. */
export function youtubeId(url: string): string | undefined {
  return YOUTUBE.exec(url)?.[1];
}

function isVideo(value: unknown): value is Source {
  return (
    typeof value === "object" &&
    value !== null &&
    "video_id" in value &&
    "title" in value &&
    typeof value.video_id === "string" &&
    typeof value.title === "string"
  );
}
