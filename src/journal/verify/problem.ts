import type { RunEvent } from '../events.ts';

/** One thing that is not as it was written. Line counts from 1; null for a file without lines of events. */
export interface Problem {
  readonly file: string;
  readonly line: number | null;
  readonly seq: number | null;
  readonly problem: string;
  /** Also what a run that is under way may look like for a moment. */
  readonly passing?: boolean;
}

/** An event, the file it stands in and its line there. */
export interface Line {
  readonly file: string;
  readonly line: number;
  readonly event: RunEvent;
}
