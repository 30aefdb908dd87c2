/** Exit codes of every command: 0 done, 1 failed, 2 bad usage or config, 3 stopped by a limit, 130 interrupted. */
export const EXIT = { done: 0, failed: 1, usage: 2, limit: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * An error meant for the person at the terminal: what was expected, what came, what to do now.
 * Anything else that is thrown is a bug and prints its stack.
 */
export class RalphError extends Error {
  readonly exitCode: ExitCode;
  /** One sentence that starts with a verb: what the user can do now. */
  readonly remedy: string;
  /** What would have been right, where that is known in a few words. */
  readonly expected: string | null;

  constructor(message: string, options: { remedy: string; expected?: string; exitCode?: ExitCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'RalphError';
    this.remedy = options.remedy;
    this.expected = options.expected ?? null;
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}

/** The same for bad usage or config: exit code 2. */
export class UsageError extends RalphError {
  constructor(message: string, options: { remedy: string; expected?: string; cause?: unknown }) {
    super(message, { ...options, exitCode: EXIT.usage });
  }
}

/** The message of anything that was thrown, in one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s+/g, ' ').trim();
}
