import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENESIS, sha256 } from '../../src/base/hash.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Tried } from '../../src/gates/tuning/plateau.ts';
import { type Tuned, tunedOf } from '../../src/gates/tuning/tuned.ts';
import { cycleFolder } from '../../src/journal/cycle-files.ts';
import type { RalphEvent } from '../../src/journal/events.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { openObjects } from '../../src/journal/objects.ts';
import { cycleEvents, startOfRun } from '../../src/lab/story.ts';
import type { Axes } from '../../src/strategy/axes.ts';

/** Text that would run, or break the layout, if it were taken for markup. */
export const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

const DAY = 86_400_000;
const FROM = Date.UTC(2016, 0, 1);
const DAYS = 900;

/** What each symbol of a universe did: the third lost. */
const SYMBOLS = [
  { symbol: 'BTCUSDT-PERP', profit: 0.31, share: 0.9, turnover: 12.4, exposure: 0.5 },
  { symbol: 'ETHUSDT-PERP', profit: 0.08, share: 0.23, turnover: 9.1, exposure: 0.31 },
  { symbol: 'LTCUSDT-PERP', profit: -0.05, share: -0.13, turnover: 7.7, exposure: 0.24 },
];

export interface MadeRun {
  readonly dir: string;
  readonly inbox: string;
  readonly journal: Journal;
  /** Adds the events of one more cycle, up to and with that kind. */
  add(cycle: number, until?: RalphEvent['type']): void;
}

/** What a tuner leaves: the score rises with `fast`, and `slow` moves it little. Part 2 gives nothing back. */
export function madeTuned(): Tuned {
  const axes: Axes = {
    fast: { kind: 'range', from: 5, to: 40, step: 1, log: false },
    slow: { kind: 'range', from: 30, to: 200, step: 1, log: true },
    mode: { kind: 'choice', values: [0, 1] },
  };
  const tried = Array.from({ length: 64 }, (_, i): Tried => {
    const params = { fast: 5 + (i % 36), slow: 30 + ((i * 37) % 171), mode: i % 2 };
    const dead = i % 16 === 7;
    return dead
      ? { params, score: null, sharpe: null }
      : { params, score: params.fast / 40, sharpe: params.fast / 20 - 0.5 + (i % 3) / 100 };
  });
  const walk = [10, 12, 38, 38].map((fast, k) => ({
    params: { fast, slow: 60 + 10 * k, mode: 0 },
    from: FROM + (k + 1) * 180 * DAY,
    to: FROM + (k + 2) * 180 * DAY,
    sharpe: 1.5,
    tried,
  }));
  const returns = Float64Array.from({ length: 720 }, (_, day) => (day >= 180 && day < 360 ? 0 : Math.sin(day) / 50));
  return tunedOf(walk, { axes, fixed: {}, seed: 's' }, null, returns);
}

/** A run folder as a search leaves it: every 25th cycle keeps, the first keep was rejected by the holdout, a hint was read and answered. */
export function makeRun(cycles: number, tag = 't'): MadeRun {
  const base = mkdtempSync(join(tmpdir(), 'ralph-page-'));
  const [dir, inbox] = [join(base, 'runs', tag), join(base, 'hints')];
  mkdirSync(inbox, { recursive: true });
  const objects = openObjects(dir);
  let at = Date.now() - cycles * 90_000;
  const path = join(dir, 'journal.jsonl');
  // Written in one go: the journal syncs every event.
  const lines: string[] = [];
  let put = (event: RalphEvent): void => {
    at = Math.min(Date.now(), at + 9000);
    const prev = lines.length === 0 ? GENESIS.hash : sha256(lines[lines.length - 1]);
    lines.push(JSON.stringify({ seq: lines.length + 1, at, prev, ...event }));
  };
  const windows = [
    ['train', FROM, FROM + DAYS * DAY],
    ['selection fold 1', FROM + 930 * DAY, FROM + 1200 * DAY],
    ['holdout', FROM + 1230 * DAY, FROM + 1500 * DAY],
  ] as const;
  const coverage = windows.map(([window, from, to]) => ({
    symbol: 'BTCUSD',
    window,
    from,
    to,
    first: from,
    last: to - 60_000,
    bars: (to - from) / 60_000,
    share: 1,
  }));
  put({ ...(startOfRun as Extract<RalphEvent, { type: 'run.started' }>), tag, coverage });
  put({
    type: 'hint.taken',
    hint: 'try-exits-1a2b3c',
    text: `Try exits by time ${MARKUP}`,
    sha256: 'x',
    cycle: 2,
    priority: 5,
    expiresAt: null,
    scope: 'run',
  });
  const random = seededRandom('page');
  const returns = [1, 2, 3].map(() => objects.put(Float64Array.from({ length: DAYS }, () => (random() - 0.48) * 0.04)));
  const tuned = madeTuned();
  const traded = tuned.steps.map(({ from, params }) => ({ from, params }));
  const tunedPart = { tuned: { path: traded, final: null, report: objects.put(JSON.stringify(tuned)) } };
  const add = (cycle: number, until?: RalphEvent['type']) => {
    const events = cycleEvents(cycle, (text) => objects.put(codeOf(text, cycle))).map((event) => shaped(event, cycle));
    const last = until ? events.findIndex(({ type }) => type === until) + 1 : events.length;
    for (const event of events.slice(0, last))
      put(
        event.type === 'trial.finished' && cycle % 5 === 0
          ? {
              ...event,
              returnsSha256: returns[cycle % 3],
              ...(cycle === 15 && { ...tunedPart, symbols: SYMBOLS }),
            }
          : event,
      );
    if (cycle === 2)
      put({
        type: 'hint.answered',
        hint: 'try-exits-1a2b3c',
        cycle,
        accepted: true,
        why: 'Exits by time fit the family.',
      });
    if (cycle === 3)
      put({
        type: 'fault.occurred',
        class: 'model_down',
        where: 'the agent session',
        detail: 'connect ECONNREFUSED 127.0.0.1:8000',
        attempt: 1,
        retryInMs: 1000,
      });
    if (cycle === 2) {
      const opening = { candidate: 'a', trial: '0001-1', look: 1 };
      put({ type: 'holdout.opened', ...opening });
      put({ type: 'holdout.answered', ...opening, answer: 'rejected', sharpe: -0.4, detectable: 1.2 });
    }
  };
  for (let cycle = 1; cycle <= cycles; cycle++) add(cycle);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const journal = openJournal(path);
  put = (event) => journal.append(event);
  mkdirSync(cycleFolder(dir, 1), { recursive: true });
  const turn = { at, kind: 'turn', data: { text: `I will backtest this. ${MARKUP}` } };
  writeFileSync(join(cycleFolder(dir, 1), 'transcript.jsonl'), `${JSON.stringify(turn)}\n`);
  return { dir, inbox, journal, add };
}

function shaped(event: RalphEvent, cycle: number): RalphEvent {
  const keep = cycle % 25 === 1;
  const crash = !keep && cycle % 7 === 0;
  const outcome = keep ? 'keep' : crash ? 'crash' : 'discard';
  if (event.type === 'cycle.started')
    return cycle % 3 === 0
      ? {
          ...event,
          directive: 'patch',
          why: 'the last one missed train.sharpe by 8%',
          base: baseOf(cycle),
          gate: 'train.sharpe',
          hints: [],
        }
      : { ...event, hints: cycle > 1 ? ['try-exits-1a2b3c'] : [] };
  if (event.type === 'trial.started' && cycle % 5 === 1)
    return { ...event, hypothesis: `${event.hypothesis} ${MARKUP}` };
  if (event.type === 'trial.finished')
    return { ...event, outcome, gates: keep ? event.gates.slice(0, -1) : event.gates };
  if (event.type === 'verdict.given')
    return {
      ...event,
      outcome,
      route: crash ? 'fix' : cycle % 3 === 2 ? 'patch' : 'new',
      reasons: keep ? [] : event.reasons,
    };
  if (event.type === 'session.ended')
    return { ...event, wire: 'tools', advice: cycle === 1 ? ['Raise max_tokens: turns are cut off.'] : [] };
  return event;
}

function baseOf(cycle: number): string {
  const event = cycleEvents(cycle - 1).find(({ type }) => type === 'trial.started');
  return event?.type === 'trial.started' ? event.candidate : '';
}

function codeOf(text: string, cycle: number): string {
  return text.startsWith('yaml')
    ? `strategy: a.ts\nsymbols: [BTCUSD]\nparams: { fast: ${10 + (cycle % 3)}, slow: 50 }\n`
    : `import { defineStrategy, ema } from 'ralph/strategy';\n\nexport default defineStrategy({\n  timeframe: '1h',\n  warmup: () => ${40 + (cycle % 9)},\n  // ${MARKUP}\n});\n`;
}
