/** One row for the outside world: a run of the tracker. Plain JSON, rebuilt from the journal at any time. */
export interface TrackedRun {
  /** Stable id derived from tag and trial (or tag alone for the search), so that a re-send overwrites itself. */
  readonly id: string;
  /** Display name made for tailing: `DISCARD · sharpe 0.41 < 1.00 · ema-cross`. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly summary: Readonly<Record<string, unknown>>;
  /** Whole history from the first line; appending is not possible. */
  readonly history: readonly Readonly<Record<string, unknown>>[];
  /** Null while the run goes on. */
  readonly exitCode: number | null;
  /** The run tag: what the server groups by. */
  readonly group: string;
  readonly jobType: 'trial' | 'search' | 'forward';
  /** Words to filter by, at most 64 characters each. */
  readonly tags: readonly string[];
  /** For a trial its hypothesis. */
  readonly notes: string;
  /** Files that lie beside the run at the server. */
  readonly files: readonly TrackedFile[];
  /** Told to the people who follow the project, once and only while it is news. */
  readonly alert: { readonly title: string; readonly text: string; readonly at: number } | null;
  /** A kept strategy; absent for every other run. */
  readonly artifact?: TrackedArtifact;
}

/** A file of the run folder, read when it is sent so that the outbox holds no second copy; or text made from the journal. `name`: at the server. */
export type TrackedFile = { readonly name: string } & (
  | { readonly path: string; readonly sha256: string }
  | { readonly text: string }
);

/** Files that the server keeps under a name of their own, beside the runs. */
export interface TrackedArtifact {
  readonly name: string;
  readonly type: 'strategy';
  readonly description: string;
  readonly aliases: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly files: readonly TrackedFile[];
}

/** Where results are mirrored. Never stops, slows or crashes the loop: everything goes through an outbox on disk. */
export interface Tracker {
  /** Puts a run in the outbox; durable when it returns. */
  enqueue(run: TrackedRun): void;
  status(): {
    readonly pending: number;
    /** Refused again and again, and put aside. */
    readonly failed: number;
    readonly delivered: number;
    readonly lastError: string | null;
    readonly target: string;
  };
  /** Stops the sender, waiting at most `graceMs` for what is under way. The outbox keeps the rest. */
  close(graceMs: number): Promise<void>;
}
