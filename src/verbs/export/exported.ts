import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { messageOf, type RalphError, UsageError } from '../../base/errors.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { readRalphConfig } from '../../loop/config.ts';
import { readMarketConfig } from '../../market/config.ts';

/**
 * What `export` wrote, from whomever it comes. Throws RalphError for another folder, and for settings that would start a program or write
 * outside of this project: the folder is a stranger's.
 */
export function exportedTrial(folder: string): { runDir: string; configDir: string; trial: string } {
  const dir = resolve(folder);
  const configDir = join(dir, 'config');
  const trial = trialOf(dir);
  const { task } = readRalphConfig(join(configDir, 'ralph.yaml'), {});
  if (typeof task !== 'string') throw untrusted(`${configDir}/ralph.yaml starts a program of its own (task)`);
  const { dataDir } = readMarketConfig(join(configDir, 'market.yaml'));
  const below = relative(PROJECT_DIR, resolve(PROJECT_DIR, dataDir));
  if (below.startsWith('..') || isAbsolute(below))
    throw untrusted(`dataDir in ${configDir}/market.yaml lies outside of this project: ${dataDir}`);
  return { runDir: join(dir, 'run'), configDir, trial };
}

function trialOf(dir: string): string {
  try {
    return String(JSON.parse(readFileSync(join(dir, 'trial.json'), 'utf8')).trial);
  } catch (cause) {
    throw new UsageError(`${dir} holds no exported trial: ${messageOf(cause)}`, {
      remedy: 'Name the folder that npm run ralph -- export TRIAL DIR wrote.',
      expected: 'a folder with trial.json, run/ and config/',
      cause,
    });
  }
}

function untrusted(message: string): RalphError {
  return new UsageError(message, {
    remedy: 'Look through that folder, and name settings of your own with --config DIR.',
  });
}
