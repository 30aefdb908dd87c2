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
  /** A behaviour that few trials have shown yet. */
  readonly aim?: string;
}

/** The parts of the search that can be switched off, to measure what each one is worth. */
export interface SearchSwitches {
  /** Off: only fix and patch are asked for; otherwise the agent is free. */
  readonly directive: boolean;
  /** Off: thin cells of the behaviour archive give no bonus. */
  readonly archive: boolean;
  /** Off: repeats are charged, and untried families get no bonus. */
  readonly novelty: boolean;
}

export const EVERYTHING_ON: SearchSwitches = { directive: true, archive: true, novelty: true };
