import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { oneScript } from '../../base/one-script.ts';

/** A program of this folder as one script, as the evaluation child is: Node compiles no types in it, which would slow down typed arrays. */
interface ScriptFile {
  readonly path: string;
  remove(): void;
}

/** Puts `name` (without its ending) as one script into a folder of its own. */
export async function scriptFile(name: string): Promise<ScriptFile> {
  const script = await oneScript(join(import.meta.dirname, `${name}${MODULE_ENDING}`));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ralph-bench-')));
  const path = join(folder, 'bench.cjs');
  writeFileSync(path, `${script}(require)`);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs a program of this folder in a process like the evaluation child; what it prints, parsed. */
export async function likeChild<T>(name: string, args: readonly (string | number)[]): Promise<T> {
  const { path, remove } = await scriptFile(name);
  try {
    const flags = ['--permission', `--allow-fs-read=${path}`, '--no-warnings'];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, path, ...args.map(String)]);
    return JSON.parse(stdout) as T;
  } finally {
    remove();
  }
}
