import type { RunEvent } from '../events.ts';

/** One thing that is not as it was written, the file (`file:line`, counted from 1, where it has lines of events), and what to do about it. */
export interface Problem {
  readonly what: string;
  readonly where: string;
  readonly remedy: string;
  /** Also what a run that is under way may look like for a moment. */
  readonly passing?: boolean;
}

/** What to do about a problem, by what the damaged file is. */
export const REMEDY = {
  journal:
    'Rebuild it from the copies in the cycle folders: verify --repair; or restore this file from a backup of the run folder.',
  newer: 'Use the version of Ralph that wrote it, or a later one.',
  torn: 'Nothing to do: the next start moves this line to a file of its own.',
  derived: 'Nothing is lost: verify --repair and the end of the next start write it again from the journal.',
  object:
    'Rebuild it: verify --repair; or restore this file from a backup: without it the trials that name it cannot be reproduced.',
  cycleFile: 'Rebuild it: verify --repair; what that cannot make again needs a backup of the run folder.',
  branch:
    'Start the run once more: it puts the branch back while the repository has the commit; else restore the repository.',
  lost: 'Restore the journal from a backup; or rebuild what can be proven: verify --repair; or go on without it: run --accept "why".',
  ledger:
    'Start the run once more: it enters again what its journal spent. What other runs spent comes back with a backup: npm run ralph -- ledger --merge FILE.',
  code: 'Please report it with the output of verify --json: the harness never writes events in this order.',
} as const;

/** Where a problem is. */
interface Place {
  readonly file: string;
  readonly line?: number | null;
  readonly seq?: number | null;
}

export function problemAt({ file, line, seq }: Place, what: string, remedy: string, passing = false): Problem {
  return {
    what: seq ? `event ${seq}: ${what}` : what,
    where: line ? `${file}:${line}` : file,
    remedy,
    ...(passing ? { passing } : {}),
  };
}

/** An event, the file it stands in and its line there. */
export interface Line {
  readonly file: string;
  readonly line: number;
  readonly event: RunEvent;
}
