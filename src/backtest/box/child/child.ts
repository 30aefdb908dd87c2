// The order matters: nothing else may run before the intrinsics are frozen.
import './lockdown.ts';
import { Script } from 'node:vm';
import { sha256 } from '../../../base/hash.ts';
import { readVerifiedWindow, type VerifiedWindow } from '../../../market/verified-window.ts';
import type { Params } from '../../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { SimulationData } from '../../engine.ts';
import type { EngineMarket } from '../../market.ts';
import { prepare } from '../../view/prepare.ts';
import { SPARE_ROWS } from '../../view/scratch.ts';
import type { Ask, ChildAnswer, LostWindow, Message } from '../protocol.ts';
import { auditCausality } from './audit.ts';
import { trustCallbacks } from './customs.ts';
import { failureOf } from './describe.ts';
import { loadSplitStrategy } from './load.ts';
import { auditMemory } from './memory.ts';
import { makeSimulator, type Simulator } from './simulations.ts';
import { stripProcess } from './strip.ts';
import { warmUp } from './warm.ts';

/** A window that can be read again only where it may be written over. */
type LoadedWindow = Omit<VerifiedWindow, 'reread'> & Pick<SimulationData, 'reread'>;

interface Opened {
  /** SHA-256 of the script as its author's file gives it. */
  readonly print: string;
  /** The strategy for one simulation: newly evaluated, unless the file provably keeps nothing. */
  readonly fresh: () => StrategyDefinition;
  readonly market: EngineMarket;
  /** One a window. */
  readonly simulators: readonly Simulator[];
}

let windows: readonly (readonly LoadedWindow[])[] | undefined;
let loading = false;
let opened: Opened | undefined;

// Taken before any candidate code exists.
const send = process.send?.bind(process) as (message: unknown) => void;
const exit = process.exit.bind(process);
const later = setImmediate;

let run: () => unknown = () => undefined;
(globalThis as { runGuarded?: unknown }).runGuarded = () => run();
const guarded = new Script('runGuarded()');

process.on('disconnect', () => exit(0));
let stray: ChildAnswer | LostWindow | undefined;
process.on('unhandledRejection', (reason) => {
  stray ??= failureOf(reason);
});
process.on('message', async ({ id, wallMs, ask }: Message) => {
  stray = undefined;
  const answer = ask.kind === 'load' ? await loaded(ask) : answerTo(ask, wallMs);
  // A round of the event loop later: jobs that the candidate left behind run now and not during the next request. What they throw must not hide
  // that this process was broken off.
  later(() => send({ id, answer: brokenOff ?? stray ?? answer }));
});
stripProcess();

/** The first answer that was broken off by the watchdog, and all that follow: V8 runs no `finally` then, so that lent bars are not put back. */
let brokenOff: ChildAnswer | undefined;

function answerTo(ask: Exclude<Ask, { kind: 'load' }>, wallMs: number): ChildAnswer | LostWindow {
  if (brokenOff) return brokenOff;
  try {
    putBackFor(ask);
    run = () => valueFor(ask);
    // The watchdog ends an endless loop even when the harness, which would kill this process, is gone.
    return { ok: true, value: guarded.runInThisContext({ timeout: wallMs }) };
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (failure.kind === 'timeout') brokenOff = failure;
    return failure;
  }
}

/** Reads a window again that a surrogate lies over, before the clock starts: the time of the disk is no candidate's. */
function putBackFor(ask: Ask): void {
  if (ask.kind === 'simulate') opened?.simulators[ask.window].ready(ask.requests[0].surrogate);
  else if (ask.kind === 'future' || ask.kind === 'memory') opened?.simulators[0].ready();
}

/** Reads a file. Audits and surrogates are of the first window alone: it gets room, and its bars may be written over where they can be read again. */
async function readWindow(
  path: string,
  { first, overwrite }: { first: boolean; overwrite: boolean },
): Promise<LoadedWindow> {
  const { reread, ...window } = await readVerifiedWindow(path, first ? SPARE_ROWS : 0);
  return first && overwrite ? { ...window, reread } : window;
}

/** Reads the windows: no candidate is there yet. */
async function loaded({
  windows: files,
  overwrite,
}: Extract<Ask, { kind: 'load' }>): Promise<ChildAnswer | LostWindow> {
  try {
    if (loading) throw new Error('this process has its windows');
    loading = true;
    const read: LoadedWindow[][] = [];
    for (const [k, paths] of files.entries()) {
      const window: LoadedWindow[] = [];
      read.push(window);
      for (const path of paths) window.push(await readWindow(path, { first: k === 0, overwrite }));
    }
    windows = read;
    // Impossible bars are refused here: what candidates need of them is made while there is time, or when it is asked for.
    for (const { symbol, bars } of read.flat()) prepare(symbol, bars);
    return { ok: true, value: read.flat().map(({ fingerprint }) => fingerprint) };
  } catch (thrown) {
    return failureOf(thrown);
  }
}

function valueFor(ask: Exclude<Ask, { kind: 'load' }>): unknown {
  if (ask.kind === 'ping') return true;
  if (!windows) throw new Error('no windows are loaded');
  if (ask.kind === 'warm') {
    if (opened) throw new Error('this process has its candidate');
    return warmUp(windows, ask);
  }
  if (ask.kind === 'open') {
    if (opened) throw new Error('this process has its candidate');
    opened = open(ask, windows);
    return undefined;
  }
  if (!opened) throw new Error('nothing is open');
  const { fresh, market, print, simulators } = opened;
  if (ask.kind === 'allowed') return allowedOf(fresh(), ask.points);
  if (ask.kind === 'simulate') return ask.requests.map(simulators[ask.window].play);
  const [simulator] = simulators;
  const data = simulator.own();
  // Where the cuts lie must not be foreseeable from the source: it depends on all of it.
  const seed = `${ask.seed} ${print}`;
  if (ask.kind === 'memory') return auditMemory(fresh, data, market, { ...ask, seed }, simulator.kept(ask.params));
  return auditCausality(fresh, data, market, { ...ask, seed }, simulator.keep);
}

/** What the candidate's `where` says of each point. It sees parameters alone. */
function allowedOf({ where, params: own }: StrategyDefinition, points: readonly Params[]): boolean[] {
  return points.map((point) => {
    const answer: unknown = where ? where(Object.freeze({ ...own, ...point })) : true;
    if (typeof answer !== 'boolean') throw new TypeError(`where must give true or false, got ${typeof answer}`);
    return answer;
  });
}

function open(
  { code, stateless, pure, print = sha256(code), market }: Extract<Ask, { kind: 'open' }>,
  held: readonly (readonly LoadedWindow[])[],
): Opened {
  if (pure) trustCallbacks();
  const first = loadSplitStrategy(code, stateless);
  // What one simulation has seen must not be remembered by the next.
  const fresh = stateless ? () => first : () => loadSplitStrategy(code);
  return { print, fresh, market, simulators: held.map((window) => makeSimulator(fresh, window, market)) };
}
