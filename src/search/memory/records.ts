import type { Outcome } from '../../gates/verdict.ts';
import type { EventOf } from '../../journal/events.ts';

export type GateAnswer = EventOf<'trial.finished'>['gates'][number];

/** One counted trial, from its two events. `outcome` is null while it runs or when a crash ended it. */
export interface TrialRecord {
  readonly trial: string;
  readonly cycle: number;
  readonly segment: number;
  readonly candidate: string;
  readonly family: string;
  readonly hypothesis: string;
  readonly fingerprint: string;
  readonly codeSha256: string;
  readonly params: Readonly<Record<string, number>>;
  outcome: Outcome | null;
  gates: readonly GateAnswer[];
  metrics: Readonly<Record<string, number | null>>;
  score: number | null;
  returnsSha256: string | null;
  duplicateOf: string | null;
  /** Cell of the archive of behaviour, null before it is known. */
  cell: number | null;
  /** It told something that no earlier trial had: other files or params, other returns, and it ran. */
  effective: boolean;
  /** One of the first of its family, or the first in its cell. */
  novel: boolean;
  /** Correlation with the kept trial that it resembles most, where the gates got so far; else null. */
  likeKept: number | null;
}

export interface CycleRecord {
  readonly cycle: number;
  readonly at: number;
  readonly started: EventOf<'cycle.started'>;
  readonly trials: TrialRecord[];
  hypothesis: EventOf<'hypothesis.registered'> | null;
  session: EventOf<'session.ended'> | null;
  verdict: EventOf<'verdict.given'> | null;
}

export interface FamilyRecord {
  readonly family: string;
  trials: number;
  keep: number;
  discard: number;
  crash: number;
  /** Failure classes of the first failed gate of each trial, counted. */
  readonly classes: Map<string, number>;
  best: TrialRecord | null;
  /** Sum of the trials' rewards, each 0..1. */
  reward: number;
  /** The best reward that was no keep: how near the next one may be. */
  bestReward: number;
  /** The best score of any of its trials, whatever became of it. */
  bestScore: number | null;
  /** How much it resembles what is kept, 0..1: by its newest trial that got so far, 1 once it has a keep of its own. */
  likeKept: number;
  readonly firstCycle: number;
  lastCycle: number;
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

/** What the journal says, arranged for looking things up. Everything that search decides or prints comes from here. */
export interface History {
  tag: string;
  segment: number;
  readonly cycles: CycleRecord[];
  readonly byCycle: Map<number, CycleRecord>;
  readonly trials: TrialRecord[];
  /** Candidates that were sent back uncharged, because they only repeated an earlier trial. */
  readonly refused: EventOf<'trial.refused'>[];
  readonly byTrial: Map<string, TrialRecord>;
  readonly families: Map<string, FamilyRecord>;
  /** Merged, oldest first. */
  readonly lessons: LessonRecord[];
  /** Ideas of an earlier run, best first. */
  readonly ideas: EventOf<'run.carried'>['ideas'][number][];
  /** The newest threshold of each gate that has one. */
  readonly gates: Map<string, GateAnswer>;
  /** Trials in each cell of the archive of behaviour. */
  readonly cells: Map<number, number>;
  /** Fingerprints and return series seen, to know what repeats. */
  readonly seen: Set<string>;
  readonly progress: Progress;
  /** Trials that have looked at held-back data. */
  readonly looked: Set<string>;
  /** A trial got as far as selection and was refused a look: in this segment nothing can be kept any more. */
  looksSpent: boolean;
  /** Epoch ms of the newest event. */
  now: number;
}

/** The best so far of the current segment and when it last moved. Numbers only. */
export interface Progress {
  best: TrialRecord | null;
  bestReward: number;
  /** Cycles in which the search gained, rising. */
  readonly gains: number[];
}

/** Order of merit: a keep before any discard, then the score. Records of an older segment lose to any of a newer one. */
export function better(a: TrialRecord, b: TrialRecord | null): boolean {
  if (a.score === null) return false;
  if (b === null || b.score === null || a.segment > b.segment) return true;
  if (a.segment < b.segment) return false;
  if ((a.outcome === 'keep') !== (b.outcome === 'keep')) return a.outcome === 'keep';
  return a.score > b.score;
}
