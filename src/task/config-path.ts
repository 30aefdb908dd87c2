import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A config file by name: the one in `folder` if it is there, else the one in the project's own config folder. */
export function configPath(projectDir: string, folder: string, name: string): string {
  const own = join(folder, name);
  return existsSync(own) ? own : join(projectDir, 'config', name);
}
