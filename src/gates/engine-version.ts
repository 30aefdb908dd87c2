import { codeVersion } from '../base/code-version.ts';

/** Changes with every edit of the code that decides: results of two versions are not compared. */
export function engineVersion(): string {
  return codeVersion(['market', 'strategy', 'backtest', 'metrics', 'gates']);
}
