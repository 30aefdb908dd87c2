import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PACKAGE_ROOT } from '../../../base/roots.ts';

/** Peers that a Python knows, with their versions; null for those that are not installed. */
export type Versions = Readonly<Record<'vectorbt' | 'backtesting' | 'numba', string | null>>;

/** The peers of one Python process that has the bars in memory. */
export interface Peers {
  readonly versions: Versions;
  /** Runs a task of measure.py once; what it found. */
  run(task: string): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** RALPH_PEERS_PYTHON names the interpreter, such as that of a virtual environment; else python3. Undefined where there is none. */
export async function openPeers(bars: string, symbols: number): Promise<Peers | undefined> {
  const python = process.env.RALPH_PEERS_PYTHON ?? 'python3';
  const script = join(PACKAGE_ROOT, 'src/lab/bench/peers/measure.py');
  const child = spawn(python, [script, bars, String(symbols)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = once(child, 'close').catch(() => undefined);
  const next = async () => {
    const { value, done } = await lines.next();
    return done ? undefined : JSON.parse(value);
  };
  child.stdin.on('error', () => {});
  const versions = (await next()) as Versions | undefined;
  if (!versions) return undefined;
  return {
    versions,
    async run(task) {
      child.stdin.write(`${task}\n`);
      const found = await next();
      if (!found) throw new Error(`${python} ended while it ran "${task}"; its own words are above`);
      return found;
    },
    async close() {
      child.stdin.end();
      await gone;
    },
  };
}
