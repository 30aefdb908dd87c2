import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { messageOf, RalphError } from '../../base/errors.ts';
import { MODULE_ENDING } from '../../base/module-ending.ts';

const REINSTALL = 'Repeat the command; if it fails again, free memory or run `npm ci`.';

let bundle: Promise<string> | undefined;

/**
 * The evaluation child as one script: engine, strategy API and SES. It is sent to the child rather than read by it, so
 * that the child needs to read no file but its windows, and starts in half the time. Built once a process (about 40 ms).
 */
export function childBundle(): Promise<string> {
  bundle ??= buildChild().catch(async () => {
    // Its process was ended, perhaps by a Ctrl-C: one more try, in another process, and none of it is kept when that fails too.
    await stop();
    return buildChild().catch((cause) => {
      bundle = undefined;
      throw new RalphError(`the compiler esbuild failed twice: ${messageOf(cause)}`, { remedy: REINSTALL, cause });
    });
  });
  return bundle;
}

async function buildChild(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `child/child${MODULE_ENDING}`)],
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
