import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { EXIT, RalphError } from '../../base/errors.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import { openObjects } from '../../journal/objects.ts';
import { changedParts, provenanceAt } from '../../journal/provenance.ts';
import type { RalphConfig } from '../../loop/config.ts';
import { runCycle } from '../../loop/cycle.ts';
import type { Run } from '../../loop/run.ts';
import { openRun } from '../../loop/start/open.ts';
import { claimCycle } from '../../loop/steps/claim.ts';
import { conduct, recordedServer } from './conduct.ts';
import { type Difference, LeftTheRecording, Score } from './score.ts';
import { type Stage, setStage } from './stage.ts';

export interface Replayed {
  readonly tag: string;
  readonly same: boolean;
  /** Recorded events that are compared, and how many of them came out again. */
  readonly events: number;
  readonly played: number;
  readonly cycles: number;
  readonly difference: Difference | null;
  /** Parts of the provenance key that have changed since the recording; they explain a difference. */
  readonly changed: readonly string[];
}

/**
 * Runs a recorded run again, from its first event to the end of its last judged cycle: the same code, data and settings, every
 * session held anew against what the model answered then, every trial evaluated anew. Compares each event of the new journal
 * with the recorded one (canonical.ts says what of it) and stops at the first that differs. Leaves the run, the inbox,
 * program.md and the tracker alone. Throws RalphError when there is nothing to replay.
 */
export async function replayRun(projectDir: string, tag: string, events: readonly RunEvent[]): Promise<Replayed> {
  const first = events[0];
  const score = new Score(events);
  if (first?.type !== 'run.started' || score.length < 2) throw nothingToReplay(`run ${tag} holds no judged cycle`);
  const { folder, values } = first.config as { folder: string; values: RalphConfig };
  const { agent } = values;
  if (typeof agent === 'object' && 'command' in agent)
    throw nothingToReplay(
      `the sessions of run ${tag} were held by ${agent.command[0]}, whose answers are not recorded`,
    );
  const from = events.find((event) => event.type === 'run.carried')?.from ?? null;
  const server = await recordedServer([], first.provenance.model);
  // Nothing outside is asked or waited for.
  const stage = setStage(projectDir, tag, folder, {
    ...values,
    endpoint: { ...values.endpoint, baseUrl: server.baseUrl, restartCommand: [] },
    askCommand: [],
    faultBackoff: { firstSeconds: 0, mostSeconds: 0 },
  });
  try {
    if (from !== null) symlinkSync(join(projectDir, 'runs', from), join(stage.dir, 'runs', from));
    const run = await openRun({
      projectDir: stage.dir,
      tag,
      seed: first.seed,
      configDir: stage.configDir,
      dryRun: false,
      proposer: null,
      from,
      accept: null,
      replay: { now: () => score.now },
    });
    try {
      return await play(run!, stage, { score, events, recordedIn: join(projectDir, 'runs', tag) });
    } finally {
      await run?.close();
    }
  } finally {
    stage.remove();
    await server.close();
  }
}

interface Recording {
  readonly score: Score;
  readonly events: readonly RunEvent[];
  /** The run folder that holds transcripts and objects. */
  readonly recordedIn: string;
}

async function play(run: Run, stage: Stage, recording: Recording): Promise<Replayed> {
  const { score, events } = recording;
  const conducted = conduct(run, score, recording.recordedIn, events);
  const oneAtATime = pLimit(1);
  let cycles = 0;
  const player = async (): Promise<void> => {
    for (;;) {
      const cycle = await oneAtATime(() => claim(conducted.run, stage, recording));
      if (cycle === null) return;
      await conducted.within(cycle, () => runCycle(conducted.run, cycle, () => false));
      conducted.run.busy.delete(cycle);
      cycles += 1;
    }
  };
  try {
    for (const event of run.journal.events) score.heard(event);
    const players = Array.from({ length: run.config.islands.count }, () =>
      player().catch((thrown: unknown) => {
        throw score.stop(thrown);
      }),
    );
    for (const end of await Promise.allSettled(players)) if (end.status === 'rejected') throw end.reason;
  } catch (thrown) {
    if (!(thrown instanceof LeftTheRecording)) throw thrown;
  }
  const { length, played, difference } = score;
  const changed = changedParts(provenanceAt(events, 1), provenanceAt(run.journal.events, 1));
  return {
    tag: run.tag,
    same: difference === null && played === length,
    events: length,
    played,
    cycles,
    difference,
    changed,
  };
}

/** The next cycle, when the score has come to its first event; null at the end. */
async function claim(run: Run, stage: Stage, { score, events, recordedIn }: Recording): Promise<number | null> {
  const newest = () => events.findLast(({ type, seq }) => type === 'cycle.started' && seq < (score.next?.seq ?? 0));
  const started = () => (newest() as EventOf<'cycle.started'> | undefined)?.cycle ?? 0;
  await score.until(() => score.next === null || score.next.cycle === null || score.next.cycle > started());
  handIn(run, stage, { score, events, recordedIn });
  const { next } = score;
  if (next === null) return null;
  const claimed = await claimCycle(run, null, () => islandOf(events, next.cycle));
  if ('reason' in claimed) throw new Error(`the replay stopped early: ${claimed.reason}`);
  return claimed.cycle;
}

/** What a person did between two cycles: hints as they were journaled, and the text of program.md. */
function handIn(run: Run, stage: Stage, { score, events, recordedIn }: Recording): void {
  const place = (seq: number) => events.findIndex((event) => event.seq === seq);
  for (let { next } = score; next !== null; next = score.next) {
    const event = events[place(next.seq)];
    if (event.type === 'program.changed') {
      stage.program(openObjects(recordedIn).get(event.sha256).toString('utf8'));
      return;
    }
    if (event.type !== 'hint.taken' && event.type !== 'hint.dropped') return;
    const { seq: _, at: __, prev: ___, ...said } = event;
    run.journal.append(said);
  }
}

/** On which island a cycle was held. Which ones are idle in the replay depends on how long commits take there. */
function islandOf(events: readonly RunEvent[], cycle: number | null): number | null {
  const started = events.find((event) => event.type === 'cycle.started' && event.cycle === cycle);
  return started?.type === 'cycle.started' ? (started.island ?? null) : null;
}

function nothingToReplay(why: string): RalphError {
  return new RalphError(`${why}: nothing to replay`, {
    remedy: 'Name a run of the built-in agent or of a baseline that has finished a cycle.',
    exitCode: EXIT.usage,
  });
}
