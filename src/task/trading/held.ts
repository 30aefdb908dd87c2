import type { Workbench } from '../../gates/workbench/workbench.ts';
import type { CandidateFiles } from '../../strategy/candidate.ts';

/** A bench on which a probe ran, and how long that took, in ms: part of what the trial cost. */
export interface Probed {
  readonly bench: Workbench;
  readonly probeMs: number;
}

/** The workbench of the candidate probed last. Its trial reuses those processes; they have met no other candidate. */
export class HeldBench {
  #held: { readonly key: string; readonly probed: Probed } | undefined;

  /** Keeps a bench for exactly these files; one that is kept already is closed. */
  async keep(files: CandidateFiles, probed: Probed): Promise<void> {
    await this.close();
    this.#held = { key: keyOf(files), probed };
  }

  /** The bench of exactly these files, to be closed by the taker; one of other files is closed. */
  async take(files: CandidateFiles): Promise<Probed | undefined> {
    if (this.#held?.key !== keyOf(files)) {
      await this.close();
      return undefined;
    }
    const { probed } = this.#held;
    this.#held = undefined;
    return probed;
  }

  /** Closes what is kept. */
  async close(): Promise<void> {
    const before = this.#held;
    this.#held = undefined;
    await before?.probed.bench.close();
  }
}

function keyOf({ name, source, yaml }: CandidateFiles): string {
  return JSON.stringify([name, source, yaml]);
}
