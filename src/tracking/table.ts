import { sha256 } from '../base/hash.ts';
import type { GateResult } from '../gates/verdict.ts';
import type { EventOf } from '../journal/events.ts';
import type { CycleState, Trial } from '../journal/state/parts.ts';
import type { TrackedFile } from './tracker.ts';

/** Rows of the table: the newest, and every keep. 5,000 rows are about 1.5 MB. */
const MOST_ROWS = 5000;
const MOST_WORDS = 300;
const FIRST = ['cycle', 'trial', 'outcome', 'route', 'family', 'gate', 'class', 'value', 'threshold', 'gap'];
const LAST = ['n', 'seconds', 'candidate', 'hypothesis', 'commit'];

/** Columns of what was measured, each with the name that the trial gives it. */
type Own = readonly (readonly [column: string, metric: string])[];

const MARKET: Own = ['sharpe', 'maxDrawdown', 'trades'].map((name) => [
  name === 'maxDrawdown' ? 'drawdown' : name,
  name,
]);

type Cell = string | number | null;

/** What the summary of a run holds for a table, and the file with its rows. The shape is that of `wandb.Table` of the Python client. */
export interface TrialTable {
  readonly summary: Readonly<Record<string, unknown>>;
  readonly file: TrackedFile;
}

/** Every judged trial of a search as one table, with the numbers of its market or of its project. */
export function trialTable(
  cycles: readonly CycleState[],
  measured: EventOf<'baseline.measured'> | undefined,
): TrialTable {
  const own = measured ? ofProject(measured) : MARKET;
  const columns = [...FIRST, ...own.map(([column]) => column), 'score', ...LAST];
  const all = cycles.flatMap((facts) => facts.trials.flatMap((trial) => rowOf(trial, facts, own)));
  const data = all.filter((row, i) => i >= all.length - MOST_ROWS || row[FIRST.indexOf('outcome')] === 'keep');
  const text = JSON.stringify({ columns, data });
  const path = 'media/table/trials.table.json';
  const sizes = { size: Buffer.byteLength(text), ncols: columns.length, nrows: data.length };
  return { summary: { _type: 'table-file', path, sha256: sha256(text), ...sizes }, file: { name: path, text } };
}

/** Numbers of a gate for outside: selection answers pass or fail to everybody. */
export function shownNumbers(gate: GateResult | undefined): Record<'value' | 'threshold' | 'gap', number | null> {
  const { value = null, threshold = null, gap = null } = gate && gate.stage !== 'selection' ? gate : {};
  return { value, threshold, gap };
}

/** The project's number first, then its changes (positive is better), then its other metrics. */
function ofProject({ metric, values }: EventOf<'baseline.measured'>): Own {
  const others = Object.keys(values).filter((name) => name !== metric);
  return [
    [metric, 'value'],
    ['better than baseline', 'total'],
    ['better than best', 'change'],
    ...others.map((name) => [name, name] as const),
  ];
}

function rowOf({ started, finished }: Trial, { cycle, verdict, committed }: CycleState, own: Own): Cell[][] {
  if (!finished) return [];
  const { outcome, gates, metrics, score, seconds } = finished;
  const failed = gates.find(({ passed }) => !passed);
  const { value, threshold, gap } = shownNumbers(failed);
  return [
    [
      ...[cycle, started.trial, outcome, verdict?.route ?? null, started.family],
      ...[failed?.gate ?? null, failed?.class ?? null, value, threshold, gap],
      ...[...own.map(([, metric]) => metrics[metric] ?? null), score, started.n, seconds],
      ...[started.candidate, started.hypothesis.slice(0, MOST_WORDS), committed?.commit ?? null],
    ],
  ];
}
