import { availableParallelism, loadavg } from 'node:os';
import { printJson, say, table } from '../../base/draw/terminal.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import type { Handler } from '../../verbs/table/table.ts';
import type { Bench, Figures } from './figures.ts';
import { goalRows } from './goals.ts';

/** Each in its own file; every figure has a name of its own. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  engine: async () => (await import('./engine.ts')).engineBench,
  universe: async () => (await import('./universe.ts')).universeBench,
  large: async () => (await import('./box/large.ts')).largeBench,
  sweep: async () => (await import('./box/sweep.ts')).sweepBench,
  tuned: async () => (await import('./trial/tuned.ts')).tunedBench,
  trial: async () => (await import('./trial/trial.ts')).benchTrial,
  peers: async () => (await import('./peers/peers.ts')).peersBench,
  queue: async () => (await import('./fleet/queue.ts')).queueBench,
  workers: async () => (await import('./fleet/workers.ts')).workersBench,
  data: async () => (await import('./data.ts')).dataBench,
};

/** Load a core above which wall times say more about the others. */
const BUSY = 0.75;

/** How fast it is here, beside the plain loop of the same run and the peers that are installed. */
export const bench: Handler<'bench'> = async ({ json }, asked) => {
  const names = asked.length > 0 ? asked : Object.keys(BENCHES);
  for (const name of names) {
    if (!Object.hasOwn(BENCHES, name)) {
      throw new RalphError(`there is no bench "${name}"`, {
        remedy: `Choose from ${Object.keys(BENCHES).join(', ')}.`,
        exitCode: EXIT.usage,
      });
    }
  }
  const figures: Figures = { machine: { node: process.version, cores: availableParallelism(), load: loadavg()[0] } };
  for (const name of names) {
    say(`bench ${name} …`);
    const measure = await BENCHES[name]();
    Object.assign(figures, await measure());
  }
  show(figures);
  if (json) printJson(figures);
  return EXIT.done;
};

function show({ machine, ...figures }: Figures): void {
  const rows = Object.entries(figures).map(
    ([name, { milliseconds = '', barsPerSecond = '', cachedBarsPerSecond, ...more }]) => [
      name,
      readable(milliseconds),
      cachedBarsPerSecond === undefined ? readable(barsPerSecond) : `${readable(cachedBarsPerSecond)}, cached`,
      Object.entries(more)
        .map(([unit, value]) => `${unit} ${readable(value)}`)
        .join('  '),
    ],
  );
  say(table(['bench', 'ms', 'bars/s', 'more'], rows));
  const goals = goalRows(figures);
  if (goals.length > 0) say(`\n${table(['asked of it', 'measured', 'asked', 'met'], goals)}`);
  const load = Number(machine.load);
  const busy = load > BUSY * Number(machine.cores);
  say(
    `\nNode ${machine.node}, ${machine.cores} cores, load ${load.toFixed(1)} at the start${
      busy
        ? ': a BUSY machine. Wall times (trial, box, data) are too long; engine, universe and peers are timed by processor time.'
        : '.'
    }`,
  );
}

function readable(value: number | string): string {
  if (typeof value === 'string') return value;
  if (Number.isInteger(value) && value < 1e6) return String(value);
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  return value.toPrecision(3);
}
