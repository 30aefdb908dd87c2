import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './hash.ts';
import { MODULE_ENDING } from './module-ending.ts';
import { PACKAGE_ROOT } from './roots.ts';

/** SHA-256 over the modules in these rooms of `src`: changes with every edit of one of them. */
export function codeVersion(rooms: readonly string[]): string {
  const files = globSync(`src/{${rooms.join(',')}}/**/*${MODULE_ENDING}`, { cwd: PACKAGE_ROOT });
  const texts = files.sort().map((file) => `${file}\n${readFileSync(join(PACKAGE_ROOT, file), 'utf8')}`);
  return sha256(texts.join('\n'));
}
