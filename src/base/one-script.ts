import { build, stop } from 'esbuild';
import { messageOf, RalphError } from './errors.ts';

const REINSTALL = 'Repeat the command; if it fails again, free memory or run `npm ci`.';

const scripts = new Map<string, Promise<string>>();

/**
 * What a process runs first (`node -e`) that is given its program by its first message: the text of `oneScript`. It reads
 * nothing from disk, and the listener is gone before the program runs. `name` stands in the program's stack traces.
 */
export const takesScript = (name: string) =>
  `process.once('message', (text) => new (require('node:vm').Script)(text, { filename: '${name}' }).runInThisContext()(require))`;

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
    legalComments: 'none',
    logLevel: 'silent',
  });
  return `(function (require) {"use strict";${outputFiles[0].text}\n})`;
}
