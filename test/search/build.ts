import type { GateResult, Outcome, Route, Stage } from '../../src/gates/verdict.ts';
import type { RalphEvent, RunEvent } from '../../src/journal/events.ts';

/** Builds journals for tests: real event shapes, made-up numbers, a clock that ticks one second an event. */
export class JournalBuilder {
  readonly events: RunEvent[] = [];
  cycles = 0;
  trials = 0;

  add(event: RalphEvent): this {
    const seq = this.events.length + 1;
    this.events.push({ ...event, seq, at: 1_700_000_000_000 + seq * 1000, prev: '0'.repeat(64) } as RunEvent);
    return this;
  }

  start(seed = 1): this {
    const provenance = { engine: 'x' };
    return this.add({ type: 'run.started', schema: 1, tag: 'test', task: 'trading', seed, provenance, config: {} });
  }

  cycleStart(
    options: {
      directive?: string;
      family?: string | null;
      base?: string | null;
      gate?: string | null;
      hints?: string[];
      state?: string;
    } = {},
  ): this {
    this.cycles += 1;
    return this.add({
      type: 'cycle.started',
      cycle: this.cycles,
      seed: this.cycles,
      directive: options.directive ?? 'new',
      why: 'because',
      base: options.base ?? null,
      family: options.family ?? null,
      gate: options.gate ?? null,
      state: options.state ?? 'exploring',
      sampling: { temperature: 0.7 },
      briefSha256: '0'.repeat(64),
      briefTokens: 1000,
      hints: options.hints ?? [],
    });
  }

  trial(options: TrialOptions): string {
    this.trials += 1;
    const trial = `${String(this.cycles).padStart(4, '0')}-${this.trials}`;
    const candidate = options.candidate ?? `${options.family}-${this.trials}`;
    const outcome = options.outcome ?? 'discard';
    this.add({
      type: 'trial.started',
      trial,
      cycle: this.cycles,
      n: this.trials,
      candidate,
      family: options.family,
      hypothesis: options.hypothesis ?? 'something holds; refuted if train Sharpe < 0.5',
      fingerprint: options.fingerprint ?? `f${this.trials}`,
      codeSha256: options.code ?? `c${this.trials}`,
      files: {},
      params: options.params ?? { fast: 10, slow: 50 },
    });
    this.add({
      type: 'trial.finished',
      trial,
      cycle: this.cycles,
      outcome,
      gates:
        options.gates ??
        (outcome === 'keep' ? [gate('train', 'train.sharpe', 1.5, 1, true)] : [gate('train', 'train.sharpe', 0.4, 1)]),
      metrics: options.metrics ?? { sharpe: options.score ?? 0.4, trades: 120 },
      score: options.score === undefined ? 0.4 : options.score,
      equityFingerprint: null,
      returnsSha256: options.returns ?? null,
      seconds: 1,
      duplicateOf: null,
    });
    return trial;
  }

  cycleEnd(
    options: {
      outcome?: Outcome;
      route?: Route;
      candidate?: string | null;
      family?: string | null;
      trial?: string | null;
      reasons?: GateResult[];
      tokens?: number;
    } = {},
  ): this {
    this.add({
      type: 'session.ended',
      cycle: this.cycles,
      reason: 'finished',
      detail: '',
      turns: 3,
      toolCalls: 3,
      promptTokens: options.tokens ?? 2000,
      completionTokens: 500,
      prefixShare: 0.9,
      classes: {},
      seconds: 10,
      summary: 'done',
    });
    return this.add({
      type: 'verdict.given',
      cycle: this.cycles,
      trial: options.trial ?? null,
      outcome: options.outcome ?? 'discard',
      route: options.route ?? 'new',
      reasons: options.reasons ?? [],
      candidate: options.candidate ?? null,
      family: options.family ?? null,
    });
  }

  /** A whole cycle with one trial. */
  cycle(options: TrialOptions & { route?: Route; directive?: string; hints?: string[]; state?: string }): string {
    this.cycleStart({
      directive: options.directive,
      family: options.family,
      hints: options.hints,
      state: options.state,
    });
    const trial = this.trial(options);
    const reasons = (options.gates ?? [gate('train', 'train.sharpe', 0.4, 1)]) as GateResult[];
    this.cycleEnd({ ...options, candidate: options.candidate ?? `${options.family}-${this.trials}`, trial, reasons });
    return trial;
  }

  lesson(text: string, trials: string[], id = `L${this.events.length}`): this {
    return this.add({ type: 'lesson.noted', cycle: this.cycles, lesson: id, trials, text });
  }
}

export interface TrialOptions {
  family: string;
  candidate?: string;
  outcome?: Outcome;
  score?: number | null;
  gates?: GateResult[];
  metrics?: Record<string, number | null>;
  params?: Record<string, number>;
  fingerprint?: string;
  code?: string;
  returns?: string;
  hypothesis?: string;
}

export function gate(
  stage: Stage,
  name: string,
  value: number | null,
  threshold: number | null,
  passed = false,
): GateResult {
  const gap =
    passed || value === null || threshold === null ? (passed ? 0 : 1) : Math.abs((threshold - value) / threshold);
  return {
    stage,
    gate: name,
    passed,
    value,
    threshold,
    side: 'min',
    gap,
    class: passed ? null : stage === 'selection' ? 'held_back' : 'no_edge',
    message: `${name} ${value} < ${threshold}`,
  };
}
