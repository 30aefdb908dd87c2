import { median } from '../../base/numbers.ts';
import { gaussian, seededRandom } from '../../base/random.ts';
import type { GatesConfig } from '../../gates/config.ts';
import type { GateResult } from '../../gates/verdict.ts';
import { buildDigest } from '../../search/digest/digest.ts';
import { estimateTokens } from '../../search/digest/tokens.ts';
import { decideDirective } from '../../search/directive/decide.ts';
import { openRecorder, type Recorder } from './recorder.ts';

export interface DigestFigures {
  readonly cycles: number;
  readonly events: number;
  readonly characters: number;
  readonly tokens: number;
  /** Building it from a journal that was just read. */
  readonly coldMs: number;
  /** Building it again after one more cycle, as the loop does; median of nine. */
  readonly nextMs: number;
  /** Deciding the directive of that cycle, likewise. */
  readonly decideMs: number;
}

/** Cycles that are added one by one; the median leaves out what else the machine did. */
const NEXT = 9;

/**
 * Size and build time of the digest of a made-up run: two trials a cycle, 40 families, a lesson every third cycle, each keep reviewed
 * at the number of trials of the day.
 */
export function measureDigest(cycles: number, tokens: number, deflation: GatesConfig['deflation']): DigestFigures {
  const run = madeUpRun(cycles);
  const random = seededRandom(cycles);
  const [text, coldMs] = timed(() => buildDigest(run.events, { tokens, cycle: cycles + 1, deflation }));
  const events = run.events.length;
  const next: number[] = [];
  const decide: number[] = [];
  for (let cycle = cycles + 1; cycle <= cycles + NEXT; cycle++) {
    addCycle(run, cycle, random);
    next.push(timed(() => buildDigest(run.events, { tokens, cycle: cycle + 1, deflation }))[1]);
    const options = { cycle: cycle + 1, families: ['family-0', 'family-1'] };
    decide.push(timed(() => decideDirective(run.events, options, seededRandom(1)))[1]);
  }
  const { length } = text;
  return {
    cycles,
    events,
    characters: length,
    tokens: estimateTokens(text),
    coldMs,
    nextMs: median(next),
    decideMs: median(decide),
  };
}

function timed<T>(step: () => T): [value: T, milliseconds: number] {
  const started = performance.now();
  const value = step();
  return [value, performance.now() - started];
}

function madeUpRun(cycles: number): Recorder {
  const run = openRecorder();
  const random = seededRandom(1);
  run.append({
    type: 'run.started',
    schema: 1,
    tag: 'bench',
    task: 'trading',
    seed: 1,
    provenance: { data: 'x' },
    config: {},
  });
  for (let cycle = 1; cycle <= cycles; cycle++) addCycle(run, cycle, random);
  return run;
}

function addCycle(run: Recorder, cycle: number, random: () => number): void {
  const family = `family-${Math.floor(random() * Math.min(40, cycle))}`;
  const candidate = `${family}-${cycle}`;
  run.append({
    type: 'cycle.started',
    cycle,
    seed: cycle,
    directive: 'new',
    why: 'made up',
    base: null,
    family,
    gate: null,
    state: 'exploring',
    sampling: {},
    briefSha256: '',
    briefTokens: 5000,
    hints: [],
  });
  let reasons: GateResult[] = [];
  let trial = '';
  for (let k = 1; k <= 2; k++) {
    trial = `${String(cycle).padStart(4, '0')}-${k}`;
    const sharpe = 0.4 + 0.35 * gaussian(random);
    reasons = [madeUpGate(sharpe)];
    const params = { fast: Math.floor(5 + 20 * random()), slow: Math.floor(30 + 100 * random()) };
    run.append({
      type: 'trial.started',
      trial,
      cycle,
      n: 2 * cycle + k,
      candidate,
      family,
      hypothesis: 'made up; refuted if sharpe < 0.5',
      fingerprint: trial,
      codeSha256: trial,
      files: {},
      params,
    });
    run.append({
      type: 'trial.finished',
      trial,
      cycle,
      outcome: sharpe > 1.2 ? 'keep' : 'discard',
      gates: reasons,
      metrics: {
        sharpe,
        trades: 100,
        maxDrawdown: 0.2,
        holdingHours: 200 * random() ** 3,
        turnover: 400 * random(),
        beta: random(),
        luckStatistic: 4 * sharpe,
      },
      score: sharpe,
      equityFingerprint: trial,
      returnsSha256: trial,
      seconds: 1,
      duplicateOf: null,
    });
  }
  if (cycle % 3 === 0) {
    const text = `${family} ${['needs a wider stop', 'loses after costs', 'trades too rarely'][cycle % 9 === 0 ? 0 : cycle % 2 === 0 ? 1 : 2]} when volatility is ${cycle % 7}`;
    run.append({ type: 'lesson.noted', cycle, lesson: `L${cycle}`, trials: [trial], text });
  }
  const outcome = reasons[0].passed ? 'keep' : 'discard';
  run.append({ type: 'verdict.given', cycle, trial, outcome, route: 'new', reasons, candidate, family });
}

function madeUpGate(value: number): GateResult {
  const passed = value > 1.2;
  const gap = passed ? 0 : (1.2 - value) / 1.2;
  return {
    stage: 'train',
    gate: 'train.sharpe',
    passed,
    value,
    threshold: 1.2,
    side: 'min',
    gap,
    class: passed ? null : 'no_edge',
    message: '',
  };
}
