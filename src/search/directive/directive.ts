/** What a cycle is asked to do, decided by code from the journal alone and explained in one line. */
export interface Directive {
  readonly kind: 'fix' | 'patch' | 'new';
  readonly why: string;
  /** Candidate to start from, for fix and patch. */
  readonly base: string | null;
  /** Family to try, or null when the agent is free. */
  readonly family: string | null;
  /** For patch: the gate in the way. For the others: null. */
  readonly gate: string | null;
}

/** The parts of the search that can be switched off, to measure what each one is worth. */
export interface SearchSwitches {
  /** Off: a near miss does not bind the next cycle. */
  readonly patches: boolean;
  /** Off: families are drawn by lot. */
  readonly families: boolean;
  /** Off: a family that trades like a keep is as good as another, near misses that do are patched, and repeats are charged. */
  readonly novelty: boolean;
}

export const EVERYTHING_ON: SearchSwitches = { patches: true, families: true, novelty: true };
