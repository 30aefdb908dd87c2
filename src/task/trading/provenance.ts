import { globSync, readFileSync } from 'node:fs';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { PACKAGE_ROOT, projectFile } from '../../base/roots.ts';
import type { Provenance } from '../task.ts';
import type { Trading } from './context.ts';

/** The parts whose change makes results incomparable: engine, data and windows, gates, costs, prompts. */
export function provenanceOf({ projectDir, frozen, gates, market }: Trading): Provenance {
  return {
    engine: engineVersion(),
    data: frozen.fingerprint,
    gates: sha256(canonicalJson(gates)),
    market: marketVersion(market),
    // program.md is the human's to edit at any time: it steers, and opens no segment.
    prompts: hashOf(
      ['blocks.md', 'cycle.md', 'system.md', 'tools.yaml'].map((name) => `prompts/${name}`),
      projectDir,
    ),
  };
}

/** Changes with every cost, size and rule of market.yaml. */
export function marketVersion(market: Trading['market']): string {
  return sha256(canonicalJson(market));
}

/** Changes with every edit of the code that decides: results of two versions are not compared. */
export function engineVersion(): string {
  const code = `src/{market,strategy,backtest,metrics,gates}/**/*${MODULE_ENDING}`;
  return hashOf(globSync(code, { cwd: PACKAGE_ROOT }).sort(), PACKAGE_ROOT);
}

function hashOf(files: readonly string[], projectDir: string): string {
  return sha256(files.map((file) => `${file}\n${readFileSync(projectFile(projectDir, file), 'utf8')}`).join('\n'));
}
