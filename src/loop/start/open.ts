import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import pLimit from 'p-limit';
import { print, say } from '../../base/draw/terminal.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import { makeFolder } from '../../base/files.ts';
import { configFolder } from '../../base/roots.ts';
import { secrets } from '../../base/secrets.ts';
import type { RunEvent } from '../../journal/events.ts';
import { openWorktree } from '../../journal/git/git.ts';
import { type Journal, openJournal, readJournal } from '../../journal/journal.ts';
import { lockRun } from '../../journal/lock.ts';
import { openObjects, returnsFromBytes } from '../../journal/objects.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { changedFiles } from '../../journal/verify/files.ts';
import { lostCharge, lostHistory, lostToBoth, refuseLost } from '../../journal/verify/heads.ts';
import { carryOver, sameData } from '../../search/memory/carry.ts';
import { configPath } from '../../task/config-path.ts';
import { doerOf } from '../../task/doer.ts';
import { openTask } from '../../task/open.ts';
import type { ProposerName } from '../../task/task.ts';
import { openTracker } from '../../tracking/open.ts';
import { readRalphConfig } from '../config.ts';
import { clearStop, watchControl } from '../control.ts';
import { journalFault, keepVigil } from '../faults.ts';
import { openRestarts } from '../restarts.ts';
import type { Run } from '../run.ts';
import { capabilitiesOf, islandsOf, sessionKind } from '../steps/agent.ts';
import { openLedgerOf } from '../steps/charge.ts';
import { restoreCycleFiles } from '../steps/cycle-files.ts';
import { keepPublished } from '../steps/publisher.ts';
import { openPatiently } from './patience.ts';
import { dryRun, recoveryPlan } from './recover.ts';
import { modelOf, startSegment } from './segment.ts';

export interface OpenOptions {
  readonly projectDir: string;
  /** Null: `main`. */
  readonly tag: string | null;
  /** Null: 1 for a new run; a resumed run keeps its own. */
  readonly seed: number | null;
  /** Folder whose config files take precedence over the project's; null for none. */
  readonly configDir: string | null;
  /** A baseline without a model in place of the configured agent; null for none. */
  readonly proposer: ProposerName | null;
  /** Another run whose lessons and ideas a new run starts with; null for none. */
  readonly from: string | null;
  /** Why a journal that lost its end is gone on with; null refuses it. */
  readonly accept: string | null;
  /** Print what recovery would do and change nothing. */
  readonly dryRun: boolean;
  /** A replay of a recorded run: its clock, and nothing leaves the run folder. */
  readonly replay?: { now(): number };
}

/** Opens a run or goes on with one; closes what was opened when a later part refuses. Null after a dry run. */
export async function openRun(options: OpenOptions): Promise<Run | null> {
  const { projectDir } = options;
  const env = { ...process.env, ...secrets() };
  const tag = checkedTag(options.tag ?? 'main');
  const dir = join(projectDir, 'runs', tag);
  if (options.dryRun) {
    for (const line of dryRun(dir)) print(line);
    return null;
  }
  const configDir = options.configDir ?? configFolder(projectDir);
  const read = readRalphConfig(configPath(projectDir, configDir, 'ralph.yaml'), options.replay ? {} : env);
  const config = options.proposer === null ? read : { ...read, agent: { proposer: options.proposer } };
  makeFolder(dir);
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const lock = lockRun(dir);
    closers.push(() => lock.release());
    const journal = openJournal(join(dir, 'journal.jsonl'), {
      onCut: (line) => say(`journal: ${line}`),
      now: options.replay?.now,
    });
    closers.push(() => journal.close());
    refuseOtherTag(journal.events, dir, tag);
    const plan = recoveryPlan(journal.events);
    for (const line of plan) say(`recover: ${line}`);
    if (clearStop(dir)) say('removed an old STOP file because the run was started again');
    const control = watchControl(dir);
    closers.push(() => control.close());
    const apiKey = env.RALPH_API_KEY || 'none';
    const faults = { inARow: 0 };
    const waiting = { journal, config, control, faults };
    // Before the slow things: a server that is not there should be said within a second.
    const byIslands = config.fleet.sessions === 'islands' && !options.replay;
    const islands = byIslands
      ? await openPatiently(waiting, 'database_down', () => islandsOf(config, dir, control))
      : null;
    closers.push(() => islands?.close());
    const capabilities =
      islands?.capabilities ??
      (await openPatiently(waiting, 'model_down', () => capabilitiesOf(config, apiKey, control)));
    const task = await openPatiently(waiting, 'database_down', () =>
      openTask({
        projectDir,
        configDir,
        config: config.task,
        promptTokens: config.session.promptTokens,
        tuneNumbers: config.session.tuneNumbers,
        runDir: dir,
        byWorkers: config.fleet.evaluations === 'workers' && !options.replay,
      }),
    );
    closers.push(() => task.close());
    await task.preflight();
    const state = stateOf(journal.events);
    const last = state.cycles.findLast(({ committed }) => committed)?.committed?.commit;
    const worktree = await openWorktree({ projectDir, runDir: dir, tag, last });
    const charged =
      options.replay || !state.first ? undefined : await task.ledger?.enter(doerOf(state.events, '').run, []);
    const objects = openObjects(dir);
    const restored = restoreCycleFiles(dir, journal.events, objects);
    if (restored.length > 0) say(`recover: files of cycle ${restored.join(', ')} were lost and are made again`);
    const lost = [
      lostHistory(state, journal.head, worktree.commits) &&
        lostHistory(state, journal.head, await worktree.allCommits()),
      lostCharge(state, journal.head, charged),
      changedFiles(dir, state),
    ].reduce(lostToBoth);
    if (lost && options.accept === null) refuseLost(join(dir, 'journal.jsonl'), lost);
    if (!options.replay) await task.ledger?.refuseSeenDays();
    const seed = startSegment(journal, {
      tag,
      task: task.name,
      seed: options.seed,
      provenance: { ...(await task.provenance()), ...modelOf(config, capabilities?.model) },
      coverage: task.coverage,
      config: { folder: relative(projectDir, configDir) || '.', values: config },
      plan,
      accepted: lost && { ...lost, why: options.accept ?? '' },
    });
    if (!options.replay && task.ledger !== null) await openLedgerOf(task.ledger, journal, config);
    const begun = await task.begin?.(journal.events);
    if (begun) journal.append(begun);
    if (options.from !== null)
      carryFrom(journal, join(projectDir, 'runs', options.from, 'journal.jsonl'), options.from);
    const tracker = await openTracker({ runDir: dir, tag, config: config.tracking, env: options.replay ? {} : env });
    closers.push(() => tracker.close(2000));
    const publisher = options.replay ? { close: async () => {} } : keepPublished({ task, journal, config });
    closers.push(() => publisher.close());
    const finished = journal.events.filter((event) => event.type === 'trial.finished');
    const returnsIn = (name: string | null) => (name ? returnsFromBytes(objects.get(name)) : new Float64Array());
    const returns = new Map(finished.map(({ trial, returnsSha256 }) => [trial, returnsIn(returnsSha256)]));
    const sessions = islands ?? sessionKind(config, task, { seed, events: () => journal.events });
    if (!islands) closers.push(() => sessions.close());
    const run: Run = {
      tag,
      dir,
      projectDir,
      seed,
      config,
      apiKey,
      capabilities,
      journal,
      objects,
      task,
      worktree,
      tracker,
      control,
      runSession: sessions.run,
      restarts: openRestarts(islands ? [] : config.endpoint.restartCommand, dir, journal),
      // Workers have cores of their own: then each session evaluates when it wants to.
      evaluating: pLimit(config.fleet.evaluations === 'workers' ? config.islands.count : availableParallelism()),
      alone: pLimit(1),
      busy: new Set<number>(),
      broken: [],
      returns,
      faults,
      publisher,
      startedAt: performance.now(),
      close,
    };
    closers.push(keepVigil((fault) => journalFault(journal, fault)));
    return run;
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Lessons and ideas of another run, once, at the beginning; never its selection results. */
function carryFrom(journal: Journal, path: string, from: string): void {
  if (journal.events.some(({ type }) => type === 'run.carried' || type === 'cycle.started')) return;
  const other = readJournal(path);
  if (other.length === 0)
    throw new RalphError(`there is no run "${from}" to start from`, {
      remedy: 'Name one of the folders in runs/.',
      exitCode: EXIT.usage,
    });
  journal.append(carryOver(other, sameData(other, journal.events)));
}

/** A run folder that was copied or renamed would write into the branch of the run that it came from. */
function refuseOtherTag(events: readonly RunEvent[], dir: string, tag: string): void {
  const own = stateOf(events).tag;
  if (events.length === 0 || own === tag) return;
  throw new RalphError(`${dir} holds the run "${own}", not "${tag}"`, {
    remedy: `Give the folder its name back (runs/${own}), or start "${tag}" in a folder of its own.`,
  });
}

function checkedTag(tag: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,60}$/i.test(tag) && !tag.includes('..') && !tag.endsWith('.lock')) return tag;
  throw new RalphError(`"${tag}" cannot name a run: expected letters, digits, dot, dash or underscore`, {
    remedy: 'Try --tag btc-trend-1.',
    exitCode: EXIT.usage,
  });
}
