import { EXIT, type ExitCode, RalphError } from '../../base/errors.ts';
import { print, printJson } from '../../base/terminal.ts';
import { EDGE_KINDS, type EdgeKind } from '../../market/simulate/spec.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { storeBars } from '../../market/store/store-bars.ts';
import { COMMON, marketOf, readArgs, withDatabase } from './common.ts';

export const USAGE = `npm run ralph -- data simulate [--symbol SIM] [--seed 1] [--days 730] [--from 2013-01-01] [--edge KIND[:SHARPE]]… [--json]
       KIND is one of ${EDGE_KINDS.join(', ')}; SHARPE is the oracle's annual one before costs (default 2)`;

const OPTIONS = {
  ...COMMON,
  symbol: { type: 'string', default: 'SIM' },
  seed: { type: 'string', default: '1' },
  days: { type: 'string', default: '730' },
  from: { type: 'string', default: '2013-01-01' },
  edge: { type: 'string', multiple: true, default: [] as string[] },
} as const;

/** Stores a seeded market and says which edges are planted in it. JSON: {symbol, bars, inserted, edges}. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArgs(args, OPTIONS, USAGE);
  const days = Number(values.days);
  const start = Date.parse(`${values.from}T00:00:00Z`);
  if (!(Number.isInteger(days) && days >= 1 && days <= 20_000)) throw usage('--days is a whole number from 1 to 20000');
  if (Number.isNaN(start)) throw usage('--from is a date such as 2013-01-01');
  const seed = /^-?\d+$/.test(values.seed) ? Number(values.seed) : values.seed;
  const { bars, edges } = simulateMarket({ seed, minutes: days * 1440, start, edges: values.edge.map(readEdge) });
  const { inserted } = await withDatabase(marketOf(values), (db) =>
    storeBars(db, values.symbol, bars, `simulated, seed ${values.seed}`),
  );
  if (values.json) printJson({ symbol: values.symbol, bars: bars.length, inserted, edges });
  else {
    print(`${values.symbol}: ${bars.length} bars over ${days} days, ${inserted} inserted`);
    for (const edge of edges) {
      print(
        `planted: ${edge.description}; oracle Sharpe ${edge.annualSharpe} asked, ${edge.oracleSharpe.toFixed(2)} on this path`,
      );
    }
    if (edges.length === 0) print('no edge is planted: whatever a search finds here is luck');
  }
  return EXIT.done;
}

function readEdge(text: string): { kind: EdgeKind; annualSharpe?: number } {
  const [kind, sharpe] = text.split(':');
  const annualSharpe = sharpe === undefined ? undefined : Number(sharpe);
  if (!EDGE_KINDS.includes(kind as EdgeKind) || (annualSharpe !== undefined && !(Math.abs(annualSharpe) <= 50))) {
    throw usage(`cannot read --edge "${text}"`);
  }
  return { kind: kind as EdgeKind, annualSharpe };
}

function usage(message: string): RalphError {
  return new RalphError(message, { remedy: `Usage: ${USAGE}`, exitCode: EXIT.usage });
}
