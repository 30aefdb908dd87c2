/** A candidate as it is stored: one strategy file and one YAML. File names only, no paths. */
export interface CandidateFiles {
  /** `[a-z0-9-]+`, the name of both files without their endings. */
  readonly name: string;
  /** TypeScript source of the strategy file. */
  readonly source: string;
  /** Text of the YAML. */
  readonly yaml: string;
}

export type Params = Readonly<Record<string, number>>;

/** The YAML after the policy check. */
export interface CandidateConfig {
  readonly strategy: string;
  /** None where it names a set. */
  readonly symbols: readonly string[];
  /** A set of `universes` in market.yaml, whose members are traded while they are members. */
  readonly universe?: string;
  readonly params: Params;
  /** Parameter values to try beside `params`; each point of their product is a trial. */
  readonly sweep: Readonly<Record<string, readonly number[]>>;
}
