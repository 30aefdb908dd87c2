import { join } from 'node:path';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { oneScript, type Program, precompiled } from '../../base/one-script.ts';

/** The evaluation child as one script: engine, strategy API and SES. */
export const childBundle = () => oneScript(join(import.meta.dirname, `child/child${MODULE_ENDING}`));

let cachedData: Uint8Array | undefined;

/** The same as a child is sent it: from the second of this process on precompiled, which nothing waits for. */
export async function childProgram(): Promise<Program> {
  const text = await childBundle();
  if (!cachedData)
    setImmediate(() => {
      cachedData ??= precompiled(text);
    });
  return { text, cachedData };
}
