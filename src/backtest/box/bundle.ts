import { join } from 'node:path';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { oneScript, type Program, precompiled } from '../../base/one-script.ts';

let cachedData: Uint8Array | undefined;

/**
 * The evaluation child as one script: engine, strategy API and SES. From the second child of this process on precompiled, which nothing waits
 * for. Throws a RalphError where the compiler fails twice.
 */
export async function childProgram(): Promise<Program> {
  const text = await oneScript(join(import.meta.dirname, `child/child${MODULE_ENDING}`));
  if (!cachedData)
    setImmediate(() => {
      cachedData ??= precompiled(text);
    });
  return { text, cachedData };
}
