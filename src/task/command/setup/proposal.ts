import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { contractSchema } from '../contract/contract.ts';

/** What setup proposes for a project: the contract, and what a person should know of it. */
export interface Proposal {
  readonly kind: string;
  readonly contract: z.input<typeof contractSchema>;
  readonly notes: readonly string[];
  /** False where this machine lacks what the project needs: it is written, and not measured. */
  readonly runs: boolean;
}

export const SECONDS: Proposal['contract']['metrics'] = { seconds: { from: 'seconds', better: 'lower' } };

export const has = (folder: string, ...names: string[]) => names.some((name) => existsSync(join(folder, name)));
export const read = (folder: string, name: string) =>
  has(folder, name) ? readFileSync(join(folder, name), 'utf8') : '';

/** A proposal for what this machine can measure. */
export function proposed(kind: string, notes: readonly string[], contract: Proposal['contract']): Proposal {
  return { kind, notes, contract, runs: true };
}
