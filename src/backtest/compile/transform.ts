import { transform } from 'esbuild';

/** Name that the candidate's frames carry in stacks and messages. */
const SOURCE_NAME = 'strategy.ts';

/**
 * Plain JavaScript of a strategy file, as the body of a function of `(require, module, exports)`, its source map inline
 * so that a line of it can be named in the author's file. Throws esbuild's error for broken syntax.
 */
export async function toScript(source: string): Promise<string> {
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
  });
  return code;
}
