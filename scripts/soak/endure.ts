import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { startModelServer } from '../../src/agent/server/serve.ts';
import { seededRandom } from '../../src/base/random.ts';
import { progress } from '../../src/base/terminal.ts';
import type { RunEvent } from '../../src/journal/events.ts';
import { type LightProject, makeLightProject, measurer } from '../../test/loop/failpoints/project.ts';
import { differences } from '../../test/tracking/compare.ts';
import { startWandbServer } from '../../test/tracking/wandbServer.ts';
import { type Memory, overhead, residentKb, type Sample, senderOf, sizeOf, slope } from './measure.ts';

const TAG = 'soak';
const KEY = 'k'.repeat(40);

export interface SoakOptions {
  readonly cycles: number;
  /** Share of model answers and tracker requests that go wrong. */
  readonly faults: number;
  /** Mean seconds between kills. */
  readonly killEvery: number;
  readonly seed: number;
  /** Ends the run cleanly after that long and reports what there is. */
  readonly minutes: number;
}

export interface SoakReport {
  readonly cycles: number;
  readonly starts: number;
  readonly kills: number;
  readonly pauses: number;
  readonly trials: number;
  readonly lost: number;
  readonly doubled: number;
  readonly verified: boolean;
  readonly problems: readonly unknown[];
  readonly faults: Readonly<Record<string, number>>;
  /** Median over the cycles without a kill in them, in ms: between two mirrors, less the session. First and last quarter. */
  readonly overheadMs: { readonly median: number; readonly first: number; readonly last: number };
  /** Resident memory of the harness against cycles, fitted over its lives of more than 30 cycles; kB a cycle. */
  readonly memory: Memory;
  /** The same of the tracker's sender. */
  readonly senderMemory: Memory;
  readonly diskKbPerCycle: number;
  readonly trackerBacklog: number;
  /** How the tracking server's view differs from the journal after a sync; empty when it does not. */
  readonly trackerDifferences: readonly string[];
  readonly seconds: number;
}

interface Samples {
  readonly harness: Sample[];
  readonly sender: Sample[];
}

/** Runs one search for a long time against a misbehaving model and a flaky tracker, killing and pausing it at random. */
export async function endure(options: SoakOptions): Promise<SoakReport> {
  const started = Date.now();
  const project = await makeLightProject();
  const model = await startModelServer({ brain: measurer(), seed: options.seed, faults: { rate: options.faults } });
  const wandb = await startWandbServer({ key: KEY });
  const random = seededRandom(options.seed);
  wandb.trouble = () => (random() < options.faults ? { status: random() < 0.5 ? 503 : 500 } : null);
  const samples: Samples = { harness: [], sender: [] };
  const counts = { starts: 0, kills: 0, pauses: 0 };
  const show = progress();
  try {
    const end = started + options.minutes * 60_000;
    for (let done = false; !done; ) {
      counts.starts += 1;
      done = await oneLife(
        project,
        options,
        { RALPH_BASE_URL: model.baseUrl, WANDB_API_KEY: KEY, WANDB_BASE_URL: wandb.baseUrl },
        random,
        counts,
        samples,
        show,
        end,
      );
    }
    show();
    const events = project.events(TAG);
    const verify = JSON.parse((await project.verb(['verify', '--tag', TAG, '--json'])).stdout);
    const status = JSON.parse((await project.verb(['status', '--tag', TAG, '--json'])).stdout);
    wandb.trouble = () => null;
    await project.verb(['track', 'sync', '--tag', TAG, '--wait', '1800'], {
      WANDB_API_KEY: KEY,
      WANDB_BASE_URL: wandb.baseUrl,
    });
    return {
      ...counts,
      trackerDifferences: differences(wandb, project.events(TAG), 'tester/ralph-demo').slice(0, 10),
      ...trialsOf(events),
      cycles: verify.cycles,
      verified: verify.ok,
      problems: verify.problems.slice(0, 10),
      faults: status.faults,
      overheadMs: overhead(events),
      memory: slope(samples.harness),
      senderMemory: slope(samples.sender),
      diskKbPerCycle: sizeOf(join(project.dir, 'runs', TAG)) / 1024 / verify.cycles,
      trackerBacklog: status.tracking.pending,
      seconds: (Date.now() - started) / 1000,
    };
  } finally {
    await model.close();
    await wandb.close();
    project.remove();
  }
}

async function oneLife(
  project: LightProject,
  options: SoakOptions,
  env: Record<string, string>,
  random: () => number,
  counts: { starts: number; kills: number; pauses: number },
  samples: Samples,
  show: (line?: string) => void,
  end: number,
): Promise<boolean> {
  const pause = join(project.dir, 'runs', TAG, 'PAUSE');
  const child = execa(
    process.execPath,
    ['ralph.ts', 'run', '--tag', TAG, '--cycles', String(options.cycles), '--config', 'config/light'],
    {
      cwd: project.dir,
      reject: false,
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      env: { PATH: process.env.PATH, HOME: project.dir, ...env },
    },
  );
  let ended = false;
  child.finally(() => {
    ended = true;
  });
  let killAt = Date.now() + -Math.log(1 - random()) * options.killEvery * 1000;
  while (!ended) {
    await sleep(500);
    const cycle = lastCycle(project);
    const kb = residentKb(child.pid);
    if (kb > 0) samples.harness.push({ cycle, kb, life: counts.starts });
    const sender = senderOf(child.pid);
    if (sender) samples.sender.push({ cycle, kb: residentKb(sender), life: sender });
    show(`cycle ${cycle} of ${options.cycles}, start ${counts.starts}, ${counts.kills} kills`);
    if (Date.now() > end) {
      child.kill('SIGTERM');
      await child;
      return true;
    }
    if (Date.now() < killAt) continue;
    if (random() < 0.2) {
      counts.pauses += 1;
      writeFileSync(pause, '');
      await sleep(1000);
      rmSync(pause, { force: true });
      killAt = Date.now() + 5000;
    } else if (!ended) {
      counts.kills += 1;
      child.kill('SIGKILL');
      break;
    }
  }
  const { exitCode, signal, all } = await child;
  if (exitCode === 0) return true;
  // Exit 3 is the fault budget of one start: a person would start it again, and so does this.
  if (signal === 'SIGKILL' || exitCode === 3) return false;
  throw new Error(`the run ended with ${exitCode ?? signal}: ${String(all).slice(-500)}`);
}

function lastCycle(project: LightProject): number {
  try {
    const text = readFileSync(join(project.dir, 'runs', TAG, 'STATUS.md'), 'utf8');
    return Number(/^- cycles: (\d+)/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

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
