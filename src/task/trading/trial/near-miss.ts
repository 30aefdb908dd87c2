import { number } from '../../../base/numbers.ts';
import { measureOf, type Sensitivity, sensitivitiesOf } from '../../../gates/tuning/sensitivity.ts';
import type { Tuned } from '../../../gates/tuning/tuned.ts';
import { openObjects } from '../../../journal/objects.ts';
import { lastTrialOf } from '../../../journal/state/run-state.ts';
import type { Cycle } from '../../task.ts';

/** What a patch of a near miss is told beside the gate. */
export interface Aim {
  readonly text: string;
  /** Independent curves that it shows: what it adds to N. 0 where it only points into the code. */
  readonly curves: number;
}

const MOST_LINES = 3;
const MOST_WORDS = 100;
const ORDERS = /\.(target|order|flat)\(/;
const ENTRIES = /\.(target|order)\(/;

/** Which part of a candidate decides a gate, first match, and the lines where it stands. */
const PARTS: readonly (readonly [gate: RegExp, part: string, lines: RegExp])[] = [
  [/^(smoke|train\.(trades|exposure))/, 'the conditions of the entries', ENTRIES],
  [/^train\.(drawdown|hiddenRisk|solvent)/, 'stops and the size of the entries', /stop|\.(target|order)\(/],
  [/^stress\.(costs|bounce)/, 'how often it enters and leaves', ORDERS],
  [/^stress/, 'entries that must fill at once', ENTRIES],
  [/^neighbours/, 'the comparisons with parameters', /\bp\.\w+/],
  [/^(redundancy|train\.benchmarkCorrelation)/, 'the side and the filter of the entries', ENTRIES],
  [/^subperiods/, 'the conditions under which it may trade', /\bif\b/],
  [/./, 'the conditions of entries and exits', ORDERS],
];

/** Of a patch; null in every other cycle: where the gate is decided, and what the tuner's points say about it. */
export function aimOf({ directive, events, runDir }: Cycle): { trial: string; aim: Aim } | null {
  const { kind, base, gate } = directive;
  if (kind !== 'patch' || gate === null) return null;
  const last = lastTrialOf(events, base);
  if (!last) return null;
  const objects = openObjects(runDir);
  const read = (object: string) => objects.get(object).toString('utf8');
  const report = last.finished?.tuned?.report;
  const source = Object.entries(last.started.files).find(([name]) => name.endsWith('.ts'));
  const tuned = report ? (JSON.parse(read(report)) as Tuned) : null;
  return { trial: last.trial, aim: aimAt(gate, source ? read(source[1]) : '', tuned) };
}

/**
 * Names the part of the code that decides a gate and, for a tuned trial, what the tuner's points say about the parameters. The second costs no
 * run; because the session may choose by it, its curves count in N.
 */
export function aimAt(gate: string, source: string, tuned: Tuned | null): Aim {
  const [, part, pattern] = PARTS.find(([of]) => of.test(gate))!;
  const lines = source
    .split('\n')
    .flatMap((line, i) => (pattern.test(line) ? [`line ${i + 1}: ${line.trim().slice(0, MOST_WORDS)}`] : []));
  const code = [`${gate} is decided by ${part}.`, ...lines.slice(0, MOST_LINES)].join('\n');
  const measure = measureOf(gate);
  const found = tuned ? sensitivitiesOf(tuned, measure) : [];
  const curves = tuned?.curves ?? 0;
  if (found.length === 0 || curves === 0) return { text: code, curves: 0 };
  const head = `Median ${measure} of the tuner's points on train, in sample, by parameter (seeing this adds ${curves} to N):`;
  return { text: [code, head, ...found.map(lineOf)].join('\n'), curves };
}

function lineOf({ name, groups }: Sensitivity): string {
  const told = groups.map(({ from, to, median }) => {
    const value = median === null ? 'not tried' : number(median);
    return `${from === to ? from : `${from} to ${to}`}: ${value}`;
  });
  return `- ${name} ${told.join(', ')}`;
}

/**
 * The last trial of the candidate that a cycle goes on with: its strategy file (empty where it has none), the gates that it failed, a line each,
 * and of a patch where the gate is decided. Null where the cycle starts from nothing.
 */
export function baseOf(cycle: Cycle) {
  const last = lastTrialOf(cycle.events, cycle.directive.base);
  if (!last) return null;
  const { candidate, family, hypothesis, started, missed } = last;
  const object = started.files[`${candidate}.ts`];
  const source = object === undefined ? '' : openObjects(cycle.runDir).get(object).toString('utf8');
  const failed = missed.map(({ gate, message }) => `${gate}: ${message}`).join('\n');
  return { family, hypothesis, source, failed, aim: aimOf(cycle)?.aim.text ?? '' };
}
