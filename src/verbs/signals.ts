import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkingOrder } from '../backtest/contract.ts';
import { print, printJson, say, table } from '../base/draw/terminal.ts';
import { messageOf, RalphError, UsageError } from '../base/errors.ts';
import { duration, number, percent } from '../base/numbers.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import type { Trial } from '../journal/state/parts.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { MINUTE } from '../market/bars.ts';
import type { Signal, SymbolSignal } from '../task/trading/signals/signal.ts';
import { refuseStale, signalsOf } from '../task/trading/signals/signals.ts';
import { eventsIn, RUNS } from './run.ts';
import type { Handler } from './table/table.ts';

/** How long a receiver may take to answer. */
const POST_MS = 10_000;

/** What the living keeps hold now, for what capital, and when they decide next. Sends no order anywhere. */
export const signals: Handler<'signals'> = async (
  { tag, config, capital, maxAge, follow, every, post, json },
  names,
) => {
  const runDir = runFolder(RUNS, tag);
  const ask = async () => {
    const events = eventsIn(runDir);
    const trials = wanted(events, names);
    const configDir = config ?? configFolderOf(events, PROJECT_DIR);
    const now = Date.now();
    const request = { projectDir: PROJECT_DIR, configDir, runDir, events, trials, capital: capital ?? null, now };
    const found = trials.length === 0 ? [] : await signalsOf(request);
    for (const signal of found) refuseStale(signal, maxAge ?? null);
    return found;
  };
  const show = (found: readonly Signal[]) => {
    if (json) printJson(found);
    else for (const signal of found) print(signalText(signal));
  };
  if (!follow) {
    const found = await ask();
    if (found.length === 0) say('no living keep: nothing to hold');
    show(found);
    if (post !== undefined) await send(post, found);
    return;
  }
  let [shown, sent, trouble] = ['', '', ''];
  for (;;) {
    try {
      const found = await ask();
      const held = heldIn(found);
      if (held !== shown) show(found);
      shown = held;
      // What could not be delivered is tried again at the next look, in its newest form.
      if (post !== undefined && held !== sent) {
        await send(post, found);
        sent = held;
      }
      trouble = '';
    } catch (thrown) {
      const message = messageOf(thrown);
      if (message !== trouble) say(`${message}; looking again every ${duration(every * 1000)}`);
      trouble = message;
    }
    await sleep(every * 1000);
  }
};

/** The trials that were named, or every keep that its holdout has not rejected. */
function wanted(events: readonly RunEvent[], names: readonly string[]): Trial[] {
  const { trials, byTrial, holdoutAnswers } = stateOf(events);
  if (names.length > 0) return names.map((name) => byTrial.get(name) ?? unknown(name));
  return trials.filter(({ outcome, trial }) => outcome === 'keep' && holdoutAnswers.get(trial) !== 'rejected');
}

function unknown(name: string): never {
  throw new UsageError(`the run has no trial "${name}"`, { remedy: 'List them with: npm run ralph -- results' });
}

/** What an executor would act on: two looks that agree in it are no change. */
function heldIn(signals: readonly Signal[]): string {
  const held = ({ symbol, quantity, stop, target, trailingStop, orders }: SymbolSignal) =>
    [symbol, quantity, stop, target, trailingStop, orders] as const;
  return JSON.stringify(signals.map(({ trial, symbols }) => [trial, symbols.map(held)]));
}

async function send(url: string, signals: readonly Signal[]): Promise<void> {
  const signal = AbortSignal.timeout(POST_MS);
  const headers = { 'content-type': 'application/json' };
  const problem = await fetch(url, { method: 'POST', headers, body: JSON.stringify(signals), signal }).then(
    ({ ok, status }) => (ok ? null : `HTTP ${status}`),
    (thrown) => messageOf(thrown),
  );
  if (problem === null) return;
  throw new RalphError(`the signals did not reach their receiver: ${problem}`, {
    remedy: 'See whether it runs at the address of --post and answers with a status from 200 to 299.',
  });
}

/** A signal as lines for a terminal, with an empty line behind. */
function signalText(signal: Signal): string {
  const { trial, candidate, capital, decided, next, newestBar, ageMinutes, changed, symbols, outcome } = signal;
  const lines = [
    `${trial} ${candidate} (${outcome ?? 'unfinished'}), for ${number(capital)}`,
    decided === null
      ? `  it has not decided yet: its warm-up is not over at ${newestBar}`
      : `  decided at ${decided}, decides next at ${next}; the newest bar ended ${duration(ageMinutes * MINUTE)} ago`,
  ];
  if (changed.length > 0)
    lines.push(`  since it was judged the ${changed.join(' and the ')} changed: judge it again with reproduce --again`);
  const rows = symbols.map((one) => [one.symbol, one.side, number(one.quantity), percent(one.weight), exits(one)]);
  lines.push(table(['symbol', 'side', 'quantity', 'of capital', 'exits'], rows));
  for (const { symbol, orders } of symbols) lines.push(...orders.map((order) => `  ${symbol}: ${orderText(order)}`));
  return `${lines.join('\n')}\n`;
}

function exits({ entryPrice, stop, target, trailingStop }: SymbolSignal): string {
  const named = { entry: entryPrice, stop, target, 'trailing stop': trailingStop };
  const known = Object.entries(named).filter((each): each is [string, number] => each[1] !== null);
  return known.map(([name, price]) => `${name} ${number(price)}`).join(', ') || '-';
}

function orderText({ side, kind, quantity, limit, trigger, stop, target }: WorkingOrder): string {
  const prices = { at: limit, 'when it trades at': trigger, 'stop then': stop, 'target then': target };
  const known = Object.entries(prices).filter((each): each is [string, number] => each[1] !== null);
  const told = known.map(([name, price]) => ` ${name} ${number(price)}`).join(',');
  return `waits to ${side} ${number(quantity)}${kind === 'market' ? ' at the next bar' : told}`;
}
