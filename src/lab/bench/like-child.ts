import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { MODULE_ENDING } from '../../base/module-ending.ts';

/** A program of this folder as one script, as the evaluation child is: Node compiles no types in it, which would slow down typed arrays. */
export interface OneScript {
  readonly path: string;
  remove(): void;
}

/** Bundles `name` (without its ending) into a folder of its own. */
export async function oneScript(name: string): Promise<OneScript> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ralph-bench-')));
  const path = join(folder, 'bench.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, `${name}${MODULE_ENDING}`)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    logLevel: 'silent',
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs a program of this folder in a process like the evaluation child; what it prints, parsed. */
export async function likeChild<T>(name: string, args: readonly (string | number)[]): Promise<T> {
  const { path, remove } = await oneScript(name);
  try {
    const flags = ['--permission', `--allow-fs-read=${path}`, '--no-warnings'];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, path, ...args.map(String)]);
    return JSON.parse(stdout) as T;
  } finally {
    remove();
  }
}
