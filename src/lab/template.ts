import { cpSync, existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { isLocked, takeLock } from '../base/lock.ts';
import { PACKAGE_ROOT } from '../base/roots.ts';
import { until } from './until.ts';

/** Names the folder where the files of one test run share what is slow to make. */
export const TEMPLATES = 'RALPH_TEST_TEMPLATES';

/** Longer than the slowest template takes on the busiest machine. */
const PATIENCE_MS = 600_000;

/**
 * Fills the folder `dir` with what `make` makes in an empty folder. In a test run the first caller of a name makes it and every caller
 * gets a copy of that; elsewhere it is made for each. What is made holds no absolute path of its own and has no process left in it.
 */
export async function fillFrom(name: string, dir: string, make: (dir: string) => Promise<void>): Promise<void> {
  const room = process.env[TEMPLATES];
  if (room === undefined) return make(dir);
  mkdirSync(room, { recursive: true });
  const template = join(room, name);
  const lock = takeLock(`${template}.lock`, PATIENCE_MS);
  if (lock === null) throw new Error(`another process has made the template ${name} for ${PATIENCE_MS / 1000} s`);
  try {
    if (!existsSync(template)) {
      const unfinished = `${template}-new`;
      mkdirSync(unfinished);
      await make(unfinished);
      renameSync(unfinished, template);
    }
  } finally {
    lock.release();
  }
  cpSync(template, dir, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

/** Waits until no process has the embedded database of a data folder open any more. */
export async function databaseClosed(dataDir: string): Promise<void> {
  const lock = join(dataDir, 'db', 'lock.sqlite');
  await until(`the database in ${dataDir} is closed`, () => !isLocked(lock));
}

/** A search path, a home and compiled modules that stay valid in a copy of the folder; nothing of the user. */
export function environmentOf(dir: string): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    HOME: dir,
    NODE_COMPILE_CACHE: join(dir, 'compiled'),
    NODE_COMPILE_CACHE_PORTABLE: '1',
  };
}

/** Compiles the modules of a run, so that every start in a copy of the project takes half the time. */
export async function compileModules(dir: string, config: string): Promise<void> {
  const args = ['ralph.ts', 'run', '--dry-run', '--config', config];
  await execa(process.execPath, args, { cwd: dir, env: environmentOf(dir), extendEnv: false });
}

/** Copies files and folders of this checkout, with a link to its packages. */
export function copyParts(dir: string, parts: readonly string[]): void {
  for (const part of parts) cpSync(join(PACKAGE_ROOT, part), join(dir, part), { recursive: true });
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(dir, 'node_modules'));
}

/** Makes a folder a repository with one commit of these files. */
export async function makeRepository(dir: string, files: readonly string[]): Promise<void> {
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], { cwd: dir });
  await git('init', '-q', '-b', 'main');
  await git('add', ...files);
  await git('commit', '-qm', 'a project');
}
