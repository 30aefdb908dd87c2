import { accessSync, constants, lstatSync, readlinkSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { attempt } from '../base/attempt.ts';
import { UsageError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';

const MOST_LINKS = 40;

/** Throws UsageError for a path, given by `--option`, at which no file can be written, or whose name lacks the ending of what is written. Asked before the work, whose result would be lost. */
export function checkOutput(option: string, path: string, ending = ''): void {
  const refuse = (why: string, remedy: string) => new UsageError(`--${option} ${path}: ${why}`, { remedy });
  if (!path.toLowerCase().endsWith(ending))
    throw refuse(`expected a name that ends in ${ending}`, `Name it ${path}${ending}.`);
  const target = attempt(() => outputTarget(path));
  if (target === undefined) throw refuse('the link leads back to itself', 'Remove it, or name another file.');
  if (thereAt(target)?.isDirectory())
    throw refuse('expected the name of a file, and it is a folder', 'Name a file in it.');
  const above = aboveOf(target);
  if (!statSync(above).isDirectory())
    throw refuse(`${above} is a file, and no folder for others`, 'Name another folder.');
  if (!mayWrite(above))
    throw refuse(`this user may not write into ${above}`, 'Name another folder, or give this user the right to it.');
}

/** Writes a result where the user asked for it: as a whole or not at all, through links, and straight into what is no plain file. */
export function writeOutput(path: string, data: string | NodeJS.ArrayBufferView): void {
  const target = outputTarget(path);
  const there = thereAt(target);
  if (there && !there.isFile()) writeFileSync(target, data);
  else writeFileAtomic(target, data);
}

/** The file that a path leads to, over links, whether it is there or not. Throws for links without an end. */
export function outputTarget(path: string, links = MOST_LINKS): string {
  const link = attempt(() => lstatSync(path));
  if (!link?.isSymbolicLink()) return resolve(path);
  if (thereAt(path)) return realpathSync(path);
  if (links === 0) throw new RangeError(`${path} leads back to itself`);
  return outputTarget(resolve(dirname(resolve(path)), readlinkSync(path)), links - 1);
}

function mayWrite(folder: string): boolean {
  return attempt(() => accessSync(folder, constants.W_OK) ?? true) === true;
}

/** The nearest thing above a path that is there. */
function aboveOf(path: string): string {
  const above = dirname(path);
  return thereAt(above) ? above : aboveOf(above);
}

function thereAt(path: string) {
  return attempt(() => statSync(path));
}
