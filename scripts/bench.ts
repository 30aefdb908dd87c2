import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../src/base/errors.ts';
import { printJson, say, table } from '../src/base/terminal.ts';
import type { Bench, Figures } from './bench/figures.ts';
import { PEERS } from './bench/peers.ts';

/** Each in its own file; every figure has a name of its own. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  engine: async () => (await import('./bench/engine.ts')).engineBench,
  sweep: async () => (await import('./bench/sweep.ts')).sweepBench,
  trial: async () => (await import('./bench/trial.ts')).benchTrial,
  data: async () => (await import('./bench/data.ts')).dataBench,
};

/** `bench [NAME…] [--json]`: how fast it is here, beside the plain loop of the same run and what peers need elsewhere. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
  for (const name of names) {
    if (!Object.hasOwn(BENCHES, name)) {
      throw new RalphError(`there is no bench "${name}"`, {
        remedy: `Choose from ${Object.keys(BENCHES).join(', ')}.`,
        exitCode: EXIT.usage,
      });
    }
  }
  const figures: Figures = {};
  for (const name of names) {
    say(`bench ${name} …`);
    const bench = await BENCHES[name]();
    Object.assign(figures, await bench());
  }
  show(figures);
  if (values.json) printJson(figures);
  return EXIT.done;
}

function show(figures: Figures): void {
  const rows = Object.entries(figures).map(([name, figure]) => [
    name,
    Object.entries(figure)
      .map(([unit, value]) => `${unit} ${typeof value === 'number' ? readable(value) : value}`)
      .join('  '),
  ]);
  say(table(['bench', 'figures'], rows));
  say('\nPeers on 525,600 one-minute bars, EMA cross, measured on another machine in one sitting; take the ratios:');
  say(table(['engine', 'time', 'bars/s', 'memory', 'of the plain loop'], PEERS));
}

function readable(value: number): string {
  if (Number.isInteger(value) && value < 1e6) return String(value);
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  return value.toPrecision(3);
}
