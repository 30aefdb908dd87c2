import type { GateResult } from '../../gates/verdict.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import { type CycleState, Trial } from '../../journal/state/parts.ts';
import { RunState } from '../../journal/state/run-state.ts';

export type CycleRecord = CycleState<TrialRecord>;

/** A trial, and what the search compares of it in every cycle: that stays in memory. */
export class TrialRecord extends Trial {
  readonly params: Readonly<Record<string, number>>;
  metrics: Readonly<Record<string, number | null>> = {};
  /** The failed gates, the one that decided first. */
  failed: readonly GateResult[] = [];
  /** Values and thresholds of the gates that the session was shown. */
  told: readonly number[] = [];
  /** Cell of the archive of behaviour, null before it is known. */
  cell: number | null = null;
  /** It told something that no earlier trial had: other files or params, other returns, and it ran. */
  effective = false;
  /** One of the first of its family, or the first in its cell. */
  novel = false;
  /** Correlation with the kept trial that it resembles most, where the gates got so far; else null. */
  likeKept: number | null = null;

  constructor(events: readonly RunEvent[], place: number, segment: number) {
    super(events, place, segment);
    this.params = this.started.params;
  }
}

/** What was tried of one family. */
export class FamilyRecord {
  readonly family: string;
  trials = 0;
  keep = 0;
  discard = 0;
  crash = 0;
  /** Failure classes of the first failed gate of each trial, counted. */
  readonly classes = new Map<string, number>();
  best: TrialRecord | null = null;
  /** Sum of the trials' rewards, each 0..1. */
  reward = 0;
  /** For an edge, more than luck and held-back data: trials that stood before each, and what of them passed; a near miss counts in part. */
  readonly rungs: readonly Rung[];
  /** How much it resembles what is kept, 0..1: by its newest trial that got so far, 1 once it has a keep of its own. */
  likeKept = 0;
  lastCycle = 0;

  constructor(family: string, rungs: readonly Rung[]) {
    this.family = family;
    this.rungs = rungs;
  }
}

export interface Rung {
  tried: number;
  passed: number;
}

/** A lesson after merging. */
export interface LessonRecord {
  readonly lesson: string;
  readonly text: string;
  /** Trials it cites that the journal knows. */
  readonly trials: Set<string>;
  readonly families: Set<string>;
  readonly words: ReadonlySet<string>;
  /** The run that it was carried over from, null for this one. */
  readonly from: string | null;
  /** When it was last said. */
  readonly cycle: number;
}

/** The state of a run with what search learns from it. Everything that search decides or prints comes from here. */
export class History extends RunState<TrialRecord> {
  /** Candidates that were sent back uncharged, because they only repeated an earlier trial. */
  readonly refused: EventOf<'trial.refused'>[] = [];
  readonly families = new Map<string, FamilyRecord>();
  /** Merged, oldest first. */
  readonly lessons: LessonRecord[] = [];
  /** Ideas of an earlier run, best first. */
  readonly ideas: EventOf<'run.carried'>['ideas'] = [];
  /** The newest threshold of each gate that has one. */
  readonly gates = new Map<string, GateResult>();
  /** Trials in each cell of the archive of behaviour. */
  readonly cells = new Map<number, number>();
  /** Fingerprints and return series seen, to know what repeats. */
  readonly seen = new Set<string>();
  readonly progress: Progress = { best: null, bestReward: 0, gains: [] };
  /** A trial got as far as selection and was refused a look: in this segment nothing can be kept any more. */
  looksSpent = false;
  /** Epoch ms of the newest event. */
  now = 0;
}

/** The best so far of the current segment and when it last moved. Numbers only. */
export interface Progress {
  best: TrialRecord | null;
  bestReward: number;
  /** Cycles in which the search gained, rising. */
  readonly gains: number[];
}

/** Order of merit: a keep before any discard, then the score. Records of an older segment lose to any of a newer one. */
export function better(a: Merit, b: Merit | null): boolean {
  if (a.score === null) return false;
  if (b === null || b.score === null || a.segment > b.segment) return true;
  if (a.segment < b.segment) return false;
  if ((a.outcome === 'keep') !== (b.outcome === 'keep')) return a.outcome === 'keep';
  return a.score > b.score;
}

type Merit = Pick<TrialRecord, 'score' | 'segment' | 'outcome'>;
