import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectFile } from '../base/roots.ts';

/** A config file by name: the one in `folder` if it is there, else the project's, else the package's. */
export function configPath(projectDir: string, folder: string, name: string): string {
  const own = join(folder, name);
  return existsSync(own) ? own : projectFile(projectDir, 'config', name);
}
