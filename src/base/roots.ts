import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** The folder that Ralph's own code, default config, prompts and library lie in: the nearest one upward with a package.json. */
export const PACKAGE_ROOT = packageRoot(import.meta.dirname);

/** The user's project (config/, prompts/, strategies/, runs/, .data/): the checkout, or the current folder when Ralph is an installed package. */
export const PROJECT_DIR = PACKAGE_ROOT.includes(`${sep}node_modules${sep}`) ? process.cwd() : PACKAGE_ROOT;

/** A file or folder of the project, or the package's own of that name where the project has none. */
export function projectFile(projectDir: string, ...names: string[]): string {
  const own = join(projectDir, ...names);
  return existsSync(own) ? own : join(PACKAGE_ROOT, ...names);
}

function packageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageRoot(dirname(folder));
}
