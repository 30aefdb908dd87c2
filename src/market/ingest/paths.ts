import { globSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EXIT, RalphError } from '../../base/errors.ts';

const BAR_FILE = /\.(csv|txt|tsv)(\.gz)?$|\.zip$/i;

/** The files behind paths, folders (searched through) and globs, sorted by name, each once. Throws for a path without any. */
export function findBarFiles(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    const files = stat?.isFile() ? [path] : globSync(stat ? join(path, '**/*') : path).filter(isBarFile);
    if (files.length === 0) {
      throw new RalphError(stat ? `no bar files (csv, csv.gz, zip) in ${path}` : `there is no file ${path}`, {
        remedy: 'Give files, a folder, or a quoted pattern such as "data/BTCUSD-*.csv.gz".',
        exitCode: EXIT.usage,
      });
    }
    for (const file of files) found.add(file);
  }
  return [...found].sort();
}

function isBarFile(path: string): boolean {
  return BAR_FILE.test(path) && statSync(path).isFile();
}

/**
 * The symbol that a file's name gives, as BTCUSDT in BTCUSDT-1m-2021-01.zip; null when it gives none.
 * Throws for a name of another timeframe: only 1-minute bars are taken in.
 */
export function symbolOfName(path: string): string | null {
  const match = /^([A-Z0-9]{3,20})-(\d+[smhdw])-/.exec(basename(path));
  if (match && match[2] !== '1m') {
    throw new RalphError(`${path} holds ${match[2]} bars by its name; only 1m bars can be taken in`, {
      remedy: 'Fetch the 1m archive; coarser bars are computed from it.',
      exitCode: EXIT.usage,
    });
  }
  return match?.[1] ?? null;
}
