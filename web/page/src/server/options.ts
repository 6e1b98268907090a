/** The options of a run. Made from state/context.py by `python docs/generate.py`. */
export interface Options {
  source?: string;
  library?: string;
  fresh?: boolean;
  output_dir?: string;
  overwrite?: boolean;
  approval?: "ask" | "auto";
  model?: string;
  max_calls?: number;
  max_tokens?: number | null;
  budget_usd?: number | null;
  dispatch?: "eager" | "levels";
  max_steps?: number;
  max_revisions?: number;
  max_replans?: number;
  max_rounds?: number;
  max_context?: number;
  validation?: "capability" | "model";
  annotate?: boolean;
}

export const DEFAULT_SOURCE = "library";
export const DEFAULT_LIBRARY = "";
export const DEFAULT_FRESH = false;
export const DEFAULT_OUTPUT_DIR = "";
export const DEFAULT_OVERWRITE = false;
export const DEFAULT_APPROVAL = "ask";
export const DEFAULT_MODEL = "";
export const DEFAULT_MAX_CALLS = 40;
export const DEFAULT_MAX_TOKENS = null;
export const DEFAULT_BUDGET_USD = null;
export const DEFAULT_DISPATCH = "eager";
export const DEFAULT_MAX_STEPS = 60;
export const DEFAULT_MAX_REVISIONS = 2;
export const DEFAULT_MAX_REPLANS = 1;
export const DEFAULT_MAX_ROUNDS = 12;
export const DEFAULT_MAX_CONTEXT = 12000;
export const DEFAULT_VALIDATION = "capability";
export const DEFAULT_ANNOTATE = false;
