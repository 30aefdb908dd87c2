import { join } from 'node:path';
import { sha256 } from '../base/hash.ts';
import type { GateResult } from '../gates/verdict.ts';
import { cycleFolder } from '../journal/cycle-files.ts';
import type { EventOf, RunEvent } from '../journal/events.ts';
import { headline } from '../journal/projections/text.ts';
import { segmentAt } from '../journal/provenance.ts';
import type { CycleState, Trial } from '../journal/state/parts.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { levelsOf } from '../metrics/returns.ts';
import { safeId, searchRun } from './search-run.ts';
import { shownNumbers } from './table.ts';
import type { TrackedArtifact, TrackedFile, TrackedRun } from './tracker.ts';

export interface TrackedOptions {
  /** Daily returns of a trial's train window, for the equity curve; absent: no curve. */
  readonly returnsOf?: (trial: string) => Float64Array;
}

/** What the config of every trial of a cycle holds. */
type SharedConfig = { readonly tag: string } & Record<string, unknown>;

const MOST_CURVE_POINTS = 200;
/** Characters that the server takes in a tag. */
const MOST_TAG = 64;

/** A run for each trial of a cycle, and the run of the whole search. The same journal gives the same ids, so a re-send overwrites itself. */
export function trackedRuns(events: readonly RunEvent[], cycle: number, options: TrackedOptions = {}): TrackedRun[] {
  const facts = stateOf(events).byCycle.get(cycle);
  const suffix = suffixOf(events);
  const trials = facts ? trialRuns(events, facts, suffix, options) : [];
  return [...trials, searchRun(events, suffix)];
}

/** Every run of the journal: what `track sync` fills an outbox with that was never there. */
export function allTrackedRuns(events: readonly RunEvent[], options: TrackedOptions = {}): TrackedRun[] {
  const suffix = suffixOf(events);
  const judged = stateOf(events).cycles.filter(({ verdict }) => verdict !== null);
  return [...judged.flatMap((facts) => trialRuns(events, facts, suffix, options)), searchRun(events, suffix)];
}

/** Tells two runs of the same tag apart, on other machines or after the folder was deleted. */
export function suffixOf(events: readonly RunEvent[]): string {
  return events.length > 0 ? sha256(JSON.stringify(events[0])).slice(0, 6) : 'none';
}

function trialRuns(
  events: readonly RunEvent[],
  facts: CycleState,
  suffix: string,
  options: TrackedOptions,
): TrackedRun[] {
  const shared = sharedConfig(events, facts);
  return facts.trials.flatMap((trial) =>
    trial.finished ? [trialRun(trial, trial.finished, facts, shared, suffix, options)] : [],
  );
}

function trialRun(
  { started }: Trial,
  finished: EventOf<'trial.finished'>,
  facts: CycleState,
  shared: SharedConfig,
  suffix: string,
  options: TrackedOptions,
): TrackedRun {
  const { gates } = finished;
  const failed = gates.filter(({ passed }) => !passed);
  const name = headline(finished.outcome, failed, started.family);
  const decided = failed[0] ?? facts.verdict?.reasons[0];
  const { outcome } = finished;
  const summary = {
    outcome,
    route: facts.verdict?.route ?? null,
    score: finished.score,
    n: started.n,
    seconds: finished.seconds,
    reason: name,
    gate: decided?.gate ?? null,
    class: decided?.class ?? null,
    ...shownNumbers(decided),
    maxDrawdown: finished.metrics.maxDrawdown ?? null,
    commit: facts.committed?.commit ?? null,
    duplicateOf: finished.duplicateOf,
    equityFingerprint: finished.equityFingerprint,
    ...Object.fromEntries(Object.entries(finished.metrics).map(([name, value]) => [`metric/${name}`, value])),
    ...Object.assign({}, ...gates.map(gateColumns)),
    ...Object.assign({}, ...(finished.symbols ?? []).map(symbolColumns)),
  };
  const id = safeId(`${shared.tag}-${started.trial}-${suffix}`);
  return {
    id,
    name,
    config: {
      ...shared,
      trial: started.trial,
      n: started.n,
      strategy: started.candidate,
      family: started.family,
      hypothesis: started.hypothesis,
      parameters: started.params,
      code: started.codeSha256,
    },
    summary,
    history: curve(options.returnsOf?.(started.trial)),
    exitCode: outcome === 'crash' ? 1 : 0,
    group: shared.tag,
    jobType: 'trial',
    tags: [started.family, outcome, decided?.gate, decided?.class, islandOf(facts)].flatMap((tag) =>
      tag ? [tag.slice(0, MOST_TAG)] : [],
    ),
    notes: started.hypothesis,
    files: filesOf(started.files, facts),
    ...(outcome === 'keep' && { artifact: artifactOf(id, started, finished, facts) }),
    alert: outcome === 'keep' ? { title: `${shared.tag} kept ${started.trial}`, text: name, at: finished.at } : null,
  };
}

/** The strategy of a keep: its two files, and what it was judged with. */
function artifactOf(
  id: string,
  { files, trial, hypothesis, params, family, n }: Trial['started'],
  { metrics, score, tuned }: EventOf<'trial.finished'>,
  facts: CycleState,
): TrackedArtifact {
  const commit = facts.committed?.commit ?? null;
  return {
    name: id,
    type: 'strategy',
    description: hypothesis,
    aliases: ['keep', trial],
    metadata: { trial, family, parameters: tuned?.final ?? params, n, score, commit, metrics },
    files: codeOf(files),
  };
}

function codeOf(candidate: Readonly<Record<string, string>>): TrackedFile[] {
  return Object.entries(candidate).map(([name, object]) => ({ name, path: join('objects', object), sha256: object }));
}

/** The candidate's files, and what the session said once the cycle is sealed. */
function filesOf(candidate: Readonly<Record<string, string>>, { cycle, committed }: CycleState): TrackedFile[] {
  const code = codeOf(candidate);
  const sha256 = committed?.files?.['transcript.jsonl'];
  const path = join(cycleFolder('', cycle), 'transcript.jsonl');
  return sha256 === undefined ? code : [...code, { name: 'transcript.jsonl', path, sha256 }];
}

function islandOf({ started }: CycleState): string | null {
  return typeof started.island === 'number' ? `island ${started.island}` : null;
}

function sharedConfig(events: readonly RunEvent[], facts: CycleState): SharedConfig {
  const segment = segmentAt(events, facts.started.seq);
  const told = new Set(facts.started.hints);
  const hints = events.flatMap((event) => (event.type === 'hint.taken' && told.has(event.hint) ? [event.text] : []));
  const lessons = events.flatMap((event) =>
    event.type === 'lesson.noted' && event.cycle === facts.cycle ? [event.text] : [],
  );
  return {
    tag: stateOf(events).tag,
    cycle: facts.cycle,
    segment: segment?.type === 'segment.started' ? segment.segment : 1,
    directive: facts.started.directive,
    why: facts.started.why,
    hint: hints.join('\n') || null,
    lesson: lessons.join('\n') || null,
    provenance: segment?.provenance ?? {},
  };
}

/** What one symbol of a universe did: `symbol/BTCUSD/profit` and so on. */
function symbolColumns({ symbol, ...figures }: NonNullable<EventOf<'trial.finished'>['symbols']>[number]) {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`symbol/${symbol}/${name}`, value]));
}

function gateColumns(gate: GateResult): Record<string, unknown> {
  const name = `gate/${gate.gate.replaceAll('.', '/')}`;
  const numbers = Object.entries(gate.stage === 'selection' ? {} : shownNumbers(gate)).map(
    ([key, value]) => [`${name}/${key}`, value] as const,
  );
  return { [`${name}/passed`]: gate.passed ? 1 : 0, ...Object.fromEntries(numbers) };
}

/** The equity curve from 1, thinned to at most 200 points, with the drawdown at each; the last day is always there. */
function curve(returns: Float64Array | undefined): Record<string, number>[] {
  if (!returns || returns.length === 0) return [];
  const step = Math.max(1, Math.ceil(returns.length / MOST_CURVE_POINTS));
  const { equity, lost } = levelsOf(returns);
  return equity.flatMap((level, day) =>
    day === equity.length - 1 || day % step === 0
      ? [{ 'curve/day': day, 'curve/equity': rounded(level), 'curve/drawdown': rounded(lost[day]) }]
      : [],
  );
}

function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(8)) : 0;
}
