import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** The folder that Ralph's own code, default config, prompts and library lie in: the nearest one upward with a package.json. */
export const PACKAGE_ROOT = packageRoot(import.meta.dirname);

/** The user's project (config/, prompts/, strategies/, runs/, .data/): the checkout, or the current folder when Ralph is an installed package. */
export const PROJECT_DIR =
  setUpAbove(process.cwd()) ?? (PACKAGE_ROOT.includes(`${sep}node_modules${sep}`) ? process.cwd() : PACKAGE_ROOT);

/** The folder `ralph` with a ralph.yaml, in this folder or above: `ralph setup` made it, and all that belongs to the project's runs lies in it. */
function setUpAbove(folder: string): string | null {
  const own = join(folder, 'ralph');
  if (existsSync(join(own, 'ralph.yaml'))) return own;
  return dirname(folder) === folder ? null : setUpAbove(dirname(folder));
}

/** The folder of the config files: a project that was set up has them beside each other. */
export function configFolder(projectDir: string): string {
  return existsSync(join(projectDir, 'ralph.yaml')) ? projectDir : join(projectDir, 'config');
}

/** The human's file: what to search for. */
export function programFile(projectDir: string): string {
  const own = join(projectDir, 'program.md');
  return existsSync(own) ? own : projectFile(projectDir, 'prompts', 'program.md');
}

/** A file or folder of the project, or the package's own of that name where the project has none. */
export function projectFile(projectDir: string, ...names: string[]): string {
  const own = join(projectDir, ...names);
  return existsSync(own) ? own : join(PACKAGE_ROOT, ...names);
}

function packageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageRoot(dirname(folder));
}
