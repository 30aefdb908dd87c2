import 'ses';

/** Where an error was made: a place in the candidate's script, or the name of an engine function. */
export type ErrorPlace = { readonly line: number; readonly column: number } | { readonly engine: string };

/** Filled by the hook below, which sees every stack. */
const places = new WeakMap<object, ErrorPlace>();

/** The file name under which candidate code runs. */
export const CANDIDATE = 'candidate.js';

lockdown({
  // Candidates see no stack: it would tell an audit from a simulation.
  errorTaming: 'safe',
  localeTaming: 'safe',
  consoleTaming: 'unsafe',
  errorTrapping: 'none',
  unhandledRejectionTrapping: 'none',
  reporting: 'none',
});

interface Frame {
  getScriptNameOrSourceURL(): string | null | undefined;
  getFunctionName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
}

// Only the start compartment can set this; SES hands it frames without powers.
(Error as { prepareStackTrace?: unknown }).prepareStackTrace = (error: object, frames: readonly Frame[]) => {
  const frame = frames.find((each) => each.getScriptNameOrSourceURL() === CANDIDATE);
  places.set(
    error,
    frame
      ? { line: frame.getLineNumber() ?? 0, column: frame.getColumnNumber() ?? 0 }
      : { engine: frames[0]?.getFunctionName() ?? 'unknown' },
  );
  return '';
};

/** Where a thrown object was made, the candidate's innermost frame first; undefined for what is no error. */
export function placeOfError(thrown: unknown): ErrorPlace | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  // Reading it makes V8 call the hook.
  void (thrown as { stack?: unknown }).stack;
  return places.get(thrown);
}
