import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../../../base/attempt.ts';
import { isoDay } from '../../../base/numbers.ts';
import { DAY } from '../../../market/bars.ts';
import { type Prices, readPrices } from '../returns/prices.ts';
import { type Proposal, proposed } from './proposal.ts';

const LARGEST = 256_000_000;
/** Days between two windows. */
const EMBARGO = 10;

/** The Python of a project: its own environment's, else the machine's. */
export function pythonOf(folder: string): string {
  return existsSync(join(folder, '.venv/bin/python')) ? '.venv/bin/python' : 'python3';
}

/** A `backtest.*` beside price files. */
export function backtest(folder: string): Proposal | null {
  const files = readdirSync(folder);
  const run = files.find((name) => /^backtest\.(py|mjs|js)$/.test(name));
  if (!run) return null;
  const score = files.find((name) => /^score\.(py|mjs|js)$/.test(name));
  const own = files.filter((name) => /^strateg(y|ies)\.(py|mjs|js)$/.test(name));
  return proposeReturns(folder, { run, score, editable: own.length > 0 ? own : [run] });
}

/** A program with price files: its returns are judged, 60% of the days are train, 20% each are held back. Null without such a file. */
function proposeReturns(
  folder: string,
  { run, score, editable }: { run: string; score: string | undefined; editable: string[] },
): Proposal | null {
  const found = globSync(['*.csv', 'data/*.csv'], { cwd: folder })
    .sort()
    .flatMap((path) => {
      const prices = pricesIn(join(folder, path));
      return prices ? [{ path: path.replaceAll('\\', '/'), prices }] : [];
    });
  if (found.length === 0) return null;
  const [first, last] = [
    Math.max(...found.map(({ prices }) => prices.times[0])),
    Math.min(...found.map(({ prices }) => prices.times[prices.times.length - 1])),
  ];
  const day = (share: number, more = 0) => isoDay(first + share * (last - first) + more * DAY);
  const command = (file: string) => `${file.endsWith('.py') ? pythonOf(folder) : 'node'} ${file}`;
  const notes = [
    'train, selection and holdout are shares of the days of the price files: look over them in ralph.yaml',
    ...(score ? [] : [`${run} writes its own returns: add a score.py that makes them from its positions`]),
  ];
  return proposed('backtest with prices', notes, {
    goal: 'Find rules that earn more, for their risk, than holding the market does.',
    editable,
    carry: existsSync(join(folder, '.venv')) ? ['.venv'] : [],
    run: command(run),
    score: score ? command(score) : '',
    writes: ['out'],
    metrics: { sharpe: { from: 'returns', better: 'higher' } },
    primary: 'sharpe',
    repeats: 1,
    budgetSeconds: 120,
    returns: {
      file: score ? 'returns.csv' : 'out/returns.csv',
      decisions: 'out/positions.csv',
      data: found.map(({ path }) => path),
      train: { from: day(0), to: day(0.6) },
      selection: { from: day(0.6, EMBARGO), to: day(0.8) },
      holdout: { from: day(0.8, EMBARGO), to: day(1, 1) },
    },
  });
}

function pricesIn(path: string): Prices | null {
  const read = () => (statSync(path).size > LARGEST ? null : readPrices(readFileSync(path, 'utf8'), path, 'close'));
  return attempt(read) ?? null;
}
