import type { WorkingOrder } from '../../backtest/contract.ts';
import { duration, number, percent } from '../../base/numbers.ts';
import { table } from '../../base/terminal.ts';
import { MINUTE } from '../../market/bars.ts';
import type { Signal, SymbolSignal } from '../../task/trading/signals/signal.ts';

/** A signal as lines for a terminal, with an empty line behind. */
export function signalText(signal: Signal): string {
  const { trial, candidate, capital, decided, next, newestBar, ageMinutes, changed, symbols, outcome } = signal;
  const lines = [
    `${trial} ${candidate} (${outcome ?? 'unfinished'}), for ${number(capital)}`,
    decided === null
      ? `  it has not decided yet: its warm-up is not over at ${newestBar}`
      : `  decided at ${decided}, decides next at ${next}; the newest bar ended ${duration(ageMinutes * MINUTE)} ago`,
  ];
  if (changed.length > 0)
    lines.push(`  since it was judged the ${changed.join(' and the ')} changed: judge it again with reproduce --again`);
  const rows = symbols.map((each) => [
    each.symbol,
    each.side,
    number(each.quantity),
    percent(each.weight),
    exits(each),
  ]);
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
