import { stop, transform } from 'esbuild';

/** Name that the candidate's frames carry in stacks and messages. */
const SOURCE_NAME = 'strategy.ts';

/**
 * Plain JavaScript of a strategy file, as the body of a function of `(require, module, exports)`, its source map inline
 * so that a line of it can be named in the author's file. Throws BrokenSyntax for what the author has to fix, anything
 * else when the compiler and a second one started in its place both fail.
 */
export async function toScript(source: string): Promise<string> {
  try {
    return await transformNow(source);
  } catch (cause) {
    if (cause instanceof BrokenSyntax) throw cause;
    // its process is gone: Ctrl-C reaches it too
    await stop();
    return transformNow(source);
  }
}

/** The source is no TypeScript. */
export class BrokenSyntax extends Error {}

async function transformNow(source: string): Promise<string> {
  const { code } = await transform(source, {
    loader: 'ts',
    format: 'cjs',
    target: 'esnext',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'inline',
    sourcesContent: false,
    sourcefile: SOURCE_NAME,
    logLevel: 'silent',
  }).catch((cause: Error & { errors?: unknown }) => {
    throw Array.isArray(cause.errors) ? new BrokenSyntax(cause.message, { cause }) : cause;
  });
  return code;
}
