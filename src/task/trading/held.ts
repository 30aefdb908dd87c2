import type { Workbench } from '../../gates/workbench/workbench.ts';
import type { CandidateFiles } from '../../strategy/candidate.ts';

/** The workbench of the candidate probed last. Its trial reuses those processes; they have met no other candidate. */
export interface HeldBench {
  /** Keeps a bench for exactly these files; one that is kept already is closed. */
  keep(files: CandidateFiles, bench: Probed): Promise<void>;
  /** The bench of exactly these files, to be closed by the taker; one of other files is closed. */
  take(files: CandidateFiles): Promise<Probed | undefined>;
  /** Closes what is kept. */
  close(): Promise<void>;
}

/** A bench on which a probe ran, and how long that took, in ms: part of what the trial cost. */
export interface Probed {
  readonly bench: Workbench;
  readonly probeMs: number;
}

export function holdBench(): HeldBench {
  let held: { readonly key: string; readonly probed: Probed } | undefined;
  const close = async () => {
    const before = held;
    held = undefined;
    await before?.probed.bench.close();
  };
  return {
    async keep(files, probed) {
      await close();
      held = { key: keyOf(files), probed };
    },
    async take(files) {
      if (held?.key !== keyOf(files)) {
        await close();
        return undefined;
      }
      const { probed } = held;
      held = undefined;
      return probed;
    },
    close,
  };
}

function keyOf({ name, source, yaml }: CandidateFiles): string {
  return JSON.stringify([name, source, yaml]);
}
