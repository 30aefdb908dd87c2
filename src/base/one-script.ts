import { Script } from 'node:vm';
import { build, stop } from 'esbuild';
import { messageOf, RalphError } from './errors.ts';

const REINSTALL = 'Repeat the command; if it fails again, free memory or run `npm ci`.';

const scripts = new Map<string, Promise<string>>();

/** What a process is sent that starts with `takesScript`: the text of `oneScript`, and what V8 knows of it already. */
export interface Program {
  readonly text: string;
  /** See precompiled. V8 compiles as if it were not there when it is of another version or other flags. */
  readonly cachedData?: Uint8Array;
}

/**
 * What a process runs first (`node -e`) that is given its program by its first message, a Program. It reads
 * nothing from disk, and the listener is gone before the program runs. `name` stands in the program's stack traces.
 */
export const takesScript = (name: string) =>
  `process.once('message', ({ text, cachedData }) => new (require('node:vm').Script)(text, { filename: '${name}', cachedData }).runInThisContext()(require))`;

/** What V8 knows of a script once it is compiled: processes that are sent it need not parse all of it again. Takes some milliseconds. */
export function precompiled(text: string): Uint8Array {
  return new Script(text).createCachedData();
}

/**
 * The module at `entry` (an absolute path) and all that it imports as one script: the text of a function that takes `require`. A
 * process that is given it need read no file, and starts in a fraction of the time. Built once a process.
 * Throws a RalphError where the compiler fails twice.
 */
export function oneScript(entry: string): Promise<string> {
  let script = scripts.get(entry);
  if (script === undefined) {
    script = bundled(entry).catch(async () => {
      // Its process was ended, perhaps by a Ctrl-C: one more try, in another process, and none of it is kept when that fails too.
      await stop();
      return bundled(entry).catch((cause) => {
        scripts.delete(entry);
        throw new RalphError(`the compiler esbuild failed twice: ${messageOf(cause)}`, { remedy: REINSTALL, cause });
      });
    });
    scripts.set(entry, script);
  }
  return script;
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    // Constants are written where they are used: that is less to interpret. Names stay, for stack traces.
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  return `(function (require) {"use strict";${outputFiles[0].text}\n})`;
}
