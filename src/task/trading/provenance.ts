import { readFileSync } from 'node:fs';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { projectFile } from '../../base/roots.ts';
import { engineVersion } from '../../gates/engine-version.ts';
import type { Provenance } from '../task.ts';
import type { Trading } from './context.ts';

const PROMPTS = ['blocks.md', 'cycle.md', 'system.md', 'tools.yaml'].map((name) => `prompts/${name}`);

/** The parts whose change makes results incomparable: engine, data and windows, gates, costs, prompts. */
export function provenanceOf({ projectDir, frozen, gates, market }: Trading): Provenance {
  const read = (file: string) => `${file}\n${readFileSync(projectFile(projectDir, file), 'utf8')}`;
  return {
    engine: engineVersion(),
    data: frozen.fingerprint,
    gates: sha256(canonicalJson(gates)),
    market: marketVersion(market),
    // program.md is the human's to edit at any time: it steers, and opens no segment.
    prompts: sha256(PROMPTS.map(read).join('\n')),
  };
}

/** Changes with every cost, size and rule of market.yaml. */
export function marketVersion(market: Trading['market']): string {
  return sha256(canonicalJson(market));
}
