import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../base/hash.ts';
import { MODULE_ENDING } from '../base/module-ending.ts';
import { PACKAGE_ROOT } from '../base/roots.ts';

/** Changes with every edit of the code that decides: results of two versions are not compared. */
export function engineVersion(): string {
  const files = globSync(`src/{market,strategy,backtest,metrics,gates}/**/*${MODULE_ENDING}`, { cwd: PACKAGE_ROOT });
  const texts = files.sort().map((file) => `${file}\n${readFileSync(join(PACKAGE_ROOT, file), 'utf8')}`);
  return sha256(texts.join('\n'));
}
