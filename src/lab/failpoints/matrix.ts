import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { RunEvent } from '../../journal/events.ts';
import { verifyRun } from '../../journal/verify/verify.ts';
import { childrenOf, commandOf } from '../processes.ts';
import { differences } from '../wandb/compare.ts';
import type { WandbServer } from '../wandb/server.ts';
import type { LightProject } from './project.ts';

export interface Kill {
  readonly point: string;
  /** At which passing of the point. */
  readonly hit: number;
  readonly signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT';
  /** Takes back everything that was written and not synced, as a power cut does. */
  readonly powerCut?: boolean;
}

export interface Row {
  readonly kills: string;
  /** How the killed starts ended. */
  readonly ended: string;
  readonly problems: readonly string[];
}

/** A row by what is done in it. */
export function nameOf(kills: readonly Kill[]): string {
  return kills
    .map(({ point, hit, signal, powerCut }) => `${point}:${hit} ${powerCut ? 'POWER CUT' : signal}`)
    .join(' + ');
}

const CYCLES = 2;

const POWER_CUT = join(import.meta.dirname, 'power-cut.mjs');

/**
 * Kills one run at each of the given points in turn (the later ones while it recovers), lets it finish, and says everything that was
 * lost, doubled, overwritten or is inconsistent. An empty list of problems is a clean row.
 */
export async function killAndCheck(
  project: LightProject,
  tag: string,
  kills: readonly Kill[],
  baseUrl: string,
  wandb: Tracked,
): Promise<Row> {
  const env = envOf(wandb);
  const inbox = join(project.dir, 'prompts', 'hints');
  mkdirSync(inbox, { recursive: true });
  writeFileSync(join(inbox, `${tag}.md`), `Try longer texts (${tag}).\n`);
  const problems: string[] = [];
  const ended: string[] = [];
  let known: RunEvent[] = [];
  for (const kill of kills) {
    const failpoint = `${kill.point}:${kill.hit}=${kill.signal}`;
    const nodeArgs = kill.powerCut ? ['--import', POWER_CUT] : [];
    const run = await project.run(tag, {
      nodeArgs,
      cycles: CYCLES,
      env: { ...env, RALPH_BASE_URL: baseUrl, RALPH_FAILPOINT: failpoint },
    });
    ended.push(run.signal ?? `exit ${run.exitCode}`);
    if (kill.signal === 'SIGKILL' && run.signal !== 'SIGKILL')
      problems.push(`${kill.point} was not reached: exit ${run.exitCode} ${run.all.slice(-200)}`);
    // Before the harness listens to signals there is nothing to wind up: it may die of them.
    if (kill.signal !== 'SIGKILL' && run.exitCode !== 130 && run.exitCode !== 0 && run.signal !== kill.signal)
      problems.push(`${kill.signal}: exit ${run.exitCode} ${run.signal ?? ''} ${run.all.slice(-300)}`);
    known = acknowledged(project, tag, known, problems);
    // Of what was appended not even a power cut may take anything back.
    const appended = /^journal\.(\w+\.\w+)\.after$/.exec(kill.point)?.[1] ?? known.at(-1)?.type;
    if (kill.signal === 'SIGKILL' && known.at(-1)?.type !== appended)
      problems.push(`${kill.point}: the journal ends with ${known.at(-1)?.type}`);
  }
  const measuredBefore = project.evaluated();
  const last = await project.run(tag, { cycles: CYCLES, env: { ...env, RALPH_BASE_URL: baseUrl } });
  if (last.exitCode !== 0)
    problems.push(`the last start ended with ${last.exitCode ?? last.signal}: ${last.all.slice(-400)}`);
  const before = known;
  const events = acknowledged(project, tag, known, problems);
  problems.push(...counted(events), ...again(before, measuredBefore, project));
  const verified = await verifyRun(join(project.dir, 'runs', tag));
  problems.push(...verified.problems.map((each) => JSON.stringify(each)));
  if (verified.cycles !== CYCLES) problems.push(`${verified.cycles} cycles instead of ${CYCLES}`);
  problems.push(...(await unlikeServer(project, tag, wandb)));
  return {
    kills: nameOf(kills),
    ended: ended.join(', '),
    problems,
  };
}

/**
 * Ends the tracker's sender once at a point of its own, while it empties the outbox of a finished run, and says how the server and the
 * outbox then differ from the journal.
 */
export async function killSenderAndCheck(
  project: LightProject,
  tag: string,
  kill: Kill,
  baseUrl: string,
  wandb: Tracked,
): Promise<Row> {
  const problems: string[] = [];
  const run = await project.run(tag, { cycles: CYCLES, env: { RALPH_BASE_URL: baseUrl } });
  if (run.exitCode !== 0) problems.push(`the run ended with ${run.exitCode}: ${run.all.slice(-300)}`);
  const sync = execa(process.execPath, ['ralph.ts', 'track', 'sync', '--tag', tag, '--wait', '600'], {
    cwd: project.dir,
    reject: false,
    extendEnv: false,
    all: true,
    env: {
      PATH: process.env.PATH,
      HOME: project.dir,
      ...envOf(wandb),
      RALPH_FAILPOINT: `${kill.point}:${kill.hit}=${kill.signal}`,
    },
  });
  const senders = new Set<number>();
  const watch = setInterval(() => {
    for (const pid of childrenOf(sync.pid ?? 0)) if (commandOf(pid).includes('sender/main.ts')) senders.add(pid);
  }, 20);
  const { exitCode, all } = await sync;
  clearInterval(watch);
  if (exitCode !== 0) problems.push(`track sync: ${String(all).slice(-300)}`);
  // Ctrl-C at the terminal is for the harness: a sender goes on.
  const expected = kill.signal === 'SIGINT' ? 1 : 2;
  if (senders.size < expected) problems.push(`${kill.point} was not reached: one sender did it all`);
  const left = readdirSync(join(project.dir, 'runs', tag, 'outbox', 'pending'));
  if (left.length > 0) problems.push(`${left.length} items are left in the outbox`);
  problems.push(...differences(wandb.server, project.events(tag), 'tester/ralph-demo'));
  return { kills: nameOf([kill]), ended: senders.size === 1 ? 'went on' : `${senders.size} senders`, problems };
}

/** The tracking server of a row. */
export interface Tracked {
  readonly server: WandbServer;
  readonly key: string;
}

function envOf({ server, key }: Tracked): Record<string, string> {
  return { WANDB_API_KEY: key, WANDB_BASE_URL: server.baseUrl };
}

/** How the server's view of a run differs from its journal once everything was sent. */
async function unlikeServer(project: LightProject, tag: string, wandb: Tracked): Promise<string[]> {
  const now = () => differences(wandb.server, project.events(tag), 'tester/ralph-demo');
  // What the run sent itself is often all of it already.
  if (now().length === 0) return [];
  const sync = await project.verb(['track', 'sync', '--tag', tag, '--wait', '600'], envOf(wandb));
  return sync.exitCode === 0 ? now() : [`track sync: ${sync.all.slice(-300)}`, ...now()];
}

/** The events now, after checking that every event known before still stands as it stood. */
function acknowledged(project: LightProject, tag: string, known: readonly RunEvent[], problems: string[]): RunEvent[] {
  let events: RunEvent[] = [];
  try {
    events = project.events(tag);
  } catch (error) {
    problems.push(`the journal cannot be replayed: ${(error as Error).message}`);
  }
  for (const [i, event] of known.entries()) {
    if (JSON.stringify(event) === JSON.stringify(events[i])) continue;
    problems.push(`event ${event.seq} (${event.type}) was lost or overwritten`);
    break;
  }
  return events;
}

function counted(events: readonly RunEvent[]): string[] {
  const started = events.flatMap((event) => (event.type === 'trial.started' ? [event.trial] : []));
  const finished = events.flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : []));
  const problems: string[] = [];
  if (new Set(started).size !== started.length) problems.push('a trial was charged twice');
  if (new Set(finished).size !== finished.length) problems.push('a trial was scored twice');
  for (const trial of started) if (!finished.includes(trial)) problems.push(`trial ${trial} was lost`);
  if (finished.length < CYCLES) problems.push(`only ${finished.length} trials were evaluated in ${CYCLES} cycles`);
  const taken = events.filter((event) => event.type === 'hint.taken').length;
  if (taken !== 1) problems.push(`the hint was taken ${taken} times`);
  return problems;
}

/** A trial whose result was acknowledged must not have been run again by a later start. */
function again(known: readonly RunEvent[], measuredBefore: readonly string[], project: LightProject): string[] {
  const done = known.filter((event) => event.type === 'trial.finished').length;
  if (done === 0) return [];
  const later = project.evaluated().slice(measuredBefore.length);
  const repeated = later.filter((content) => measuredBefore.includes(content));
  const open = known.filter((event) => event.type === 'trial.started').length - done;
  return repeated.length > open ? [`${repeated.length} evaluations were repeated, ${open} trials were open`] : [];
}
