import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { say } from '../base/draw/terminal.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { configPath } from '../task/config-path.ts';

/** The config file of that name that `--config FOLDER` leads to. Says so where the folder lacks it: a misspelt name must not pass for another's settings. */
export function configFile(folder: string, name: string): string {
  const path = configPath(PROJECT_DIR, folder, name);
  const asked = resolve(folder) !== join(PROJECT_DIR, 'config');
  if (asked && !existsSync(join(folder, name))) say(`${folder} has no ${name}: it is taken from ${path}`);
  return path;
}
