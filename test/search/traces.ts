import { gaussian, type Random, seededRandom } from '../../src/base/random.ts';
import type { RunEvent } from '../../src/journal/events.ts';
import { gate, JournalBuilder } from './build.ts';

/** A synthetic run whose true state is known by construction. */
export interface Trace {
  readonly kind: string;
  readonly seed: number;
  readonly events: readonly RunEvent[];
  readonly cycles: number;
  /** First cycle of the trouble, null for a healthy run. */
  readonly trouble: number | null;
  /** First cycle after the trouble, for a run that finds its way out. */
  readonly recovery: number | null;
  readonly truth: 'healthy' | 'plateau' | 'stuck';
}

interface Maker {
  readonly truth: Trace['truth'];
  readonly length: number;
  readonly make: (run: Tracer, random: Random, trouble: number) => void;
  readonly recovers?: number;
}

/** Eleven kinds: four healthy, three plateaus (one of them pure luck), four ways of being stuck. */
export const MAKERS: Record<string, Maker> = {
  'steady gains': { truth: 'healthy', length: 70, make: (run, random) => run.gaining(70, 2 + random() * 2) },
  'slow gains': { truth: 'healthy', length: 90, make: (run, random) => run.gaining(90, 6 + random() * 3) },
  // Gains at random: waits are exponential, some last four times the mean. No detector can be perfect here.
  'gains at random times': {
    truth: 'healthy',
    length: 90,
    make: (run, random) => run.gaining(90, 5, () => -Math.log(1 - random())),
  },
  'new families, no gain': { truth: 'healthy', length: 36, make: (run) => run.roaming(36) },
  'plateau after gains': {
    truth: 'plateau',
    length: 80,
    make: (run, random, at) => run.gaining(at, 3 + random()).tuning(80 - at, 3),
  },
  'luck alone': { truth: 'plateau', length: 80, make: (run, _, at) => run.roaming(at).tuning(80 - at, 4, true) },
  'plateau, then a find': {
    truth: 'plateau',
    length: 80,
    recovers: 25,
    make: (run, random, at) =>
      run
        .gaining(at, 3 + random())
        .tuning(25, 3)
        .gaining(80 - at - 25, 3),
  },
  'repeats itself': {
    truth: 'stuck',
    length: 70,
    make: (run, random, at) => run.gaining(at, 3 + random()).repeating(70 - at),
  },
  'crash loop': {
    truth: 'stuck',
    length: 70,
    make: (run, random, at) => run.gaining(at, 3 + random()).crashing(70 - at),
  },
  'sessions without a trial': {
    truth: 'stuck',
    length: 70,
    make: (run, random, at) => run.gaining(at, 3 + random()).silent(70 - at),
  },
  'one family for ever': {
    truth: 'stuck',
    length: 90,
    make: (run, random, at) => run.gaining(at, 3 + random()).tuning(90 - at, 1),
  },
};

export function trace(kind: string, seed: number): Trace {
  const { truth, length, make, recovers } = MAKERS[kind];
  const random = seededRandom(`${kind}/${seed}`);
  const at = 14 + Math.floor(random() * 20);
  const run = new Tracer(random);
  make(run, random, at);
  const trouble = truth === 'healthy' ? null : at + 1;
  return {
    kind,
    seed,
    events: run.events,
    cycles: length,
    trouble,
    recovery: recovers ? at + recovers + 1 : null,
    truth,
  };
}

class Tracer extends JournalBuilder {
  private readonly random: Random;
  private level = 0.1;

  constructor(random: Random) {
    super();
    this.random = random;
    this.start();
  }

  /** Gains about every `interval` cycles, tries around them in a handful of families. */
  gaining(cycles: number, interval: number, wait = () => 0.7 + 0.6 * this.random()): this {
    let next = this.random() * interval;
    for (let i = 0; i < cycles; i++) {
      if (i >= next) {
        next += interval * wait();
        this.level += 0.03 + 0.05 * this.random();
        this.one(`family-${Math.floor(this.random() * 6)}`, this.level);
      } else this.one(`family-${Math.floor(this.random() * 6)}`, this.level - 0.05 - 0.3 * this.random());
    }
    return this;
  }

  /** Another family most of the time, none of them good. */
  roaming(cycles: number): this {
    for (let i = 0; i < cycles; i++) {
      this.one(`new-${Math.floor(i / (1 + this.random()))}`, i < 3 ? this.level : this.level - 0.3 * this.random());
    }
    return this;
  }

  /** Other numbers in the same families; by luck one may look better. */
  tuning(cycles: number, families: number, luck = false): this {
    for (let i = 0; i < cycles; i++) {
      const value = luck ? this.level - 0.3 + 0.12 * gaussian(this.random) : this.level - 0.02 - 0.3 * this.random();
      this.one(`family-${Math.floor(this.random() * families)}`, value);
    }
    return this;
  }

  repeating(cycles: number): this {
    for (let i = 0; i < cycles; i++) {
      const own = this.random() < 0.15;
      this.one('family-0', this.level - 0.1, own ? undefined : `same-${Math.floor(this.random() * 2)}`);
    }
    return this;
  }

  crashing(cycles: number): this {
    for (let i = 0; i < cycles; i++) {
      if (this.random() < 0.1) this.one('family-1', this.level - 0.2);
      else this.cycle({ family: 'family-1', outcome: 'crash', score: null, metrics: {} });
    }
    return this;
  }

  silent(cycles: number): this {
    for (let i = 0; i < cycles; i++) {
      if (this.random() < 0.15) this.one('family-1', this.level - 0.2);
      else this.cycleStart().cycleEnd();
    }
    return this;
  }

  /** A cycle of one to three trials, the last of which has the value. Above 1 it is a keep. */
  private one(family: string, value: number, fingerprint?: string): void {
    this.cycleStart({ family });
    const trials = 1 + Math.floor(this.random() * 3);
    for (let i = 1; i <= trials; i++) {
      const reached = i === trials ? value : value - 0.1 - 0.2 * this.random();
      const keep = reached >= 1;
      this.trial({
        family,
        fingerprint,
        outcome: keep ? 'keep' : 'discard',
        score: reached,
        gates: [gate('train', 'train.sharpe', reached, 1, keep)],
        metrics: { holdingHours: 100 * this.random(), turnover: 50 + 100 * this.random(), beta: 0.3 },
      });
    }
    this.cycleEnd();
  }
}
