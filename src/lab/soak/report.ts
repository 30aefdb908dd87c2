import { join } from 'node:path';
import { execa } from 'execa';
import { print } from '../../base/draw/terminal.ts';
import type { RunEvent } from '../../journal/events.ts';
import { openObjects, returnsFromBytes } from '../../journal/objects.ts';
import { rowsOf } from '../../journal/projections/rows.ts';
import { differences } from '../wandb/compare.ts';
import type { Checker, Findings } from './checker.ts';
import {
  type CycleTime,
  cycleTimes,
  diskOf,
  type Memory,
  memoryOf,
  type Overhead,
  overheadOf,
  type Sample,
} from './measure.ts';
import type { Counts } from './record.ts';
import type { Role } from './world/processes.ts';
import type { Subject } from './world/subject.ts';
import type { World } from './world/world.ts';

export interface SoakReport {
  readonly cycles: number;
  readonly trials: number;
  readonly stretches: number;
  readonly adopted: Counts['adopted'];
  readonly starts: number;
  readonly disturbances: Counts['disturbances'];
  /** Starts that refused a damaged folder, as they have to. */
  readonly refusals: number;
  /** What the checker found, which shares no code with the run. */
  readonly findings: Findings;
  /** Overhead of each measured cycle, ms, and what each process took, for the curve. */
  readonly curve: { readonly times: readonly CycleTime[]; readonly samples: readonly Sample[] };
  /** Ends of the harness that nobody asked for. */
  readonly surprises: readonly string[];
  readonly lost: number;
  readonly doubled: number;
  readonly verified: boolean;
  readonly problems: readonly unknown[];
  /** Faults in the journal, by class. */
  readonly faults: Readonly<Record<string, number>>;
  /** Turns of the model that were not good, by class. */
  readonly turns: Readonly<Record<string, number>>;
  readonly overhead: Overhead;
  readonly memory: Partial<Record<Role, Memory>>;
  /** kB for 100 cycles by part of the run folder, largest first. */
  readonly disk: readonly (readonly [part: string, kb: number])[];
  readonly trackerBacklog: number;
  /** How the tracking server's view differs from the journal after a sync; empty when it does not. */
  readonly trackerDifferences: readonly string[];
  /** How the table of results in the database differs from the journal; null where there is no database. */
  readonly tableDifferences: readonly string[] | null;
  readonly seconds: number;
}

interface Ended {
  readonly subject: Subject;
  readonly world: World;
  readonly counts: Counts;
  readonly checker: Checker;
  readonly tag: string;
  readonly seconds: () => number;
}

/** Asks the run, the tracking server and the database what they hold, and compares. */
export async function reportOn({ subject, world, counts, checker, tag, seconds }: Ended): Promise<SoakReport> {
  const env = world.env(false);
  const verb = async (args: string[]) =>
    (
      await execa(process.execPath, ['ralph.ts', ...args], {
        cwd: subject.dir,
        reject: false,
        extendEnv: false,
        env: { PATH: process.env.PATH, HOME: subject.dir, ...env },
      })
    ).stdout;
  const dir = join(subject.dir, 'runs', tag);
  // One more start, which puts right what was damaged last and ends what was begun.
  await verb(['run', '--tag', tag, '--cycles', '1', '--config', subject.config]);
  const verify = JSON.parse(await verb(['verify', '--tag', tag, '--json']));
  const status = JSON.parse(await verb(['status', '--tag', tag, '--json']));
  world.setTracker(true);
  world.wandb.trouble = () => null;
  await verb(['track', 'sync', '--tag', tag, '--wait', '1800']);
  const events = subject.events(tag);
  const objects = openObjects(dir);
  const returns = new Map(
    events.flatMap((event) =>
      event.type === 'trial.finished' && event.returnsSha256
        ? [[event.trial, returnsFromBytes(objects.get(event.returnsSha256))] as const]
        : [],
    ),
  );
  const times = cycleTimes(events, dir);
  const returnsOf = (trial: string) => returns.get(trial) ?? new Float64Array();
  return {
    ...trialsOf(events),
    cycles: verify.cycles,
    stretches: counts.stretches,
    adopted: counts.adopted,
    starts: counts.starts,
    refusals: counts.refusals,
    findings: checker.check(),
    curve: { times, samples: counts.samples },
    surprises: counts.surprises,
    disturbances: counts.disturbances,
    verified: verify.ok,
    problems: verify.problems.slice(0, 10),
    faults: status.faults,
    turns: status.model.turns,
    overhead: overheadOf(times),
    memory: memoryOf(counts.samples),
    disk: diskOf(dir, verify.cycles),
    trackerBacklog: status.tracking.pending,
    trackerDifferences: differences(world.wandb, events, 'tester/ralph-demo', { returnsOf }).slice(0, 10),
    tableDifferences: compareTable(await world.table(tag), events),
    seconds: seconds(),
  };
}

/** Trials without a result, and trials charged or answered more than once. */
function trialsOf(events: readonly RunEvent[]): { trials: number; lost: number; doubled: number } {
  const started = events.flatMap((event) => (event.type === 'trial.started' ? [event.trial] : []));
  const finished = events.flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : []));
  const known = new Set(finished);
  return {
    trials: started.length,
    lost: started.filter((trial) => !known.has(trial)).length,
    doubled: started.length - new Set(started).size + finished.length - known.size,
  };
}

function compareTable(table: Map<string, string> | null, events: readonly RunEvent[]): string[] | null {
  if (table === null) return null;
  const rows = rowsOf(events).flatMap(({ trial, outcome }) => (trial === null ? [] : [{ trial, outcome }]));
  const wrong = rows.filter(({ trial, outcome }) => table.get(trial) !== outcome);
  const extra = table.size - rows.length;
  return [
    ...wrong.map(
      ({ trial, outcome }) => `${trial} is ${table.get(trial) ?? 'missing'} in the table, ${outcome} in the journal`,
    ),
    ...(extra > 0 ? [`the table has ${extra} rows more`] : []),
  ].slice(0, 10);
}

/** Whether nothing was lost, doubled or different anywhere. */
export function isClean(report: SoakReport): boolean {
  const { surprises, lost, doubled, verified, findings, trackerDifferences, tableDifferences } = report;
  return (
    surprises.length + lost + doubled === 0 &&
    findings.lost.length + findings.doubled.length + findings.moved.length === 0 &&
    verified &&
    trackerDifferences.length === 0 &&
    (tableDifferences ?? []).length === 0
  );
}

export function printReport(report: SoakReport): void {
  const { overhead: ms, memory } = report;
  const list = (counts: Readonly<Record<string, number | undefined>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || 'none';
  const same = (found: readonly string[] | null) =>
    found === null ? 'not asked' : found.length === 0 ? 'says what the journal says' : found.join('; ');
  const { cycles, trials, seconds, starts, stretches, adopted } = report;
  const parts = stretches > 1 ? ` in ${stretches} stretches` : '';
  print(`${cycles} cycles, ${trials} trials in ${seconds.toFixed(0)} s, ${starts} starts${parts}`);
  if (adopted)
    print(
      `  taken up at cycle ${adopted.cycles} after ${adopted.seconds.toFixed(0)} s: memory and open files from there on, all of it sent to a new tracking server`,
    );
  for (const each of report.surprises) print(`SURPRISE: ${each}`);
  print(`done to it: ${list(report.disturbances)}; ${report.refusals} starts refused a damaged folder`);
  const { lost, doubled, moved } = report.findings;
  print(
    `checker (journal, folders, branch, ledger): ${lost.length} lost, ${doubled.length} doubled, ${moved.length} moved user branches`,
  );
  for (const each of [...lost, ...doubled, ...moved].slice(0, 10)) print(`  ${each}`);
  print(`faults: ${list(report.faults)}; turns: ${list(report.turns)}`);
  print(
    `lost ${report.lost}, doubled ${report.doubled}, verify ${report.verified ? 'ok' : `FAILED ${JSON.stringify(report.problems)}`}`,
  );
  print(`tracking server ${same(report.trackerDifferences)} (${report.trackerBacklog} were waiting at the end)`);
  print(`table in the database ${same(report.tableDifferences)}`);
  print(
    `overhead a cycle: median ${ms.median.toFixed(0)} ms, first quarter ${ms.first.toFixed(0)}, last ${ms.last.toFixed(0)}; ${ms.perEvaluation.toFixed(2)} of its evaluation (${ms.cycles} undisturbed cycles)`,
  );
  print(
    `  of it: ${(['start', 'session', 'tools', 'finish'] as const).map((part) => `${part} ${ms.parts[part].toFixed(0)}`).join(', ')}; beside it: evaluation ${ms.parts.evaluation.toFixed(0)}, model ${ms.parts.model.toFixed(0)} ms`,
  );
  for (const [role, { slopeKb, peakMb, peakHandles, lives }] of Object.entries(memory))
    print(
      `memory of ${role}: ${slopeKb.toFixed(1)} kB a cycle over ${lives} lives, ${peakMb.toFixed(0)} MB and ${peakHandles} open files at most`,
    );
  const mb = (kb: number) => `${(kb / 1000).toFixed(1)} MB`;
  const folders = report.disk.slice(0, 6).map(([part, kb]) => `${part} ${mb(kb)}`);
  print(`disk for 100 cycles: ${mb(report.disk.reduce((sum, [, kb]) => sum + kb, 0))} (${folders.join(', ')})`);
}
