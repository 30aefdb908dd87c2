import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import type { Provenance } from '../task.ts';
import type { Trading } from './context.ts';

/** The parts whose change makes results incomparable: engine, data and windows, gates, costs, prompts. */
export function provenanceOf({ projectDir, frozen, gates, market }: Trading): Provenance {
  return {
    engine: engineVersion(projectDir),
    data: frozen.fingerprint,
    gates: sha256(canonicalJson(gates)),
    market: sha256(canonicalJson(market)),
    // program.md is the human's to edit at any time: it steers, and opens no segment.
    prompts: hashOfFiles(projectDir, 'prompts/{system.md,cycle.md,tools.yaml}'),
  };
}

/** Changes with every edit of the code that decides: results of two versions are not compared. */
export function engineVersion(projectDir: string): string {
  return hashOfFiles(projectDir, `src/{market,strategy,backtest,metrics,gates}/**/*${MODULE_ENDING}`);
}

function hashOfFiles(folder: string, pattern: string): string {
  const files = globSync(pattern, { cwd: folder }).sort();
  return sha256(files.map((file) => `${file}\n${readFileSync(join(folder, file), 'utf8')}`).join('\n'));
}
