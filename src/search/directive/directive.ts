/** What a cycle is asked to do, decided by code from the journal alone and explained in one line. */
export interface Directive {
  readonly kind: 'fix' | 'patch' | 'new' | 'exploit' | 'cross' | 'simplify' | 'moonshot';
  readonly why: string;
  /** Candidate to start from, for fix, patch, exploit, cross and simplify. */
  readonly base: string | null;
  /** The second parent of a cross. */
  readonly other?: string;
  /** Family to try, or null when the agent is free. */
  readonly family: string | null;
  /** For patch: the gate in the way. For fix: null. */
  readonly gate: string | null;
  /** Behaviour that few trials have shown yet: somewhere to aim at. */
  readonly aim?: string;
}

/** The parts of the search that can be switched off, to measure what each one is worth. */
export interface SearchSwitches {
  /** Off: the agent is always free; only fix and patch are asked for. */
  readonly directive: boolean;
  /** Off: how a strategy trades attracts nobody. */
  readonly archive: boolean;
  /** Off: repeats are charged like anything else, and untried families have no advance. */
  readonly novelty: boolean;
}

export const EVERYTHING_ON: SearchSwitches = { directive: true, archive: true, novelty: true };
