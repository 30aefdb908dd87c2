import { messageOf, RalphError } from '../base/errors.ts';
import type { WindowFile } from '../market/snapshot.ts';
import { verifyWindowFile } from '../market/window-file.ts';

/**
 * Refuses a frozen window that is not the one that was frozen at the start of the run: changed bytes, or another whole file in
 * its place. Read in full before every evaluation, because a date or a size can be forged. Throws RalphError.
 */
export function checkFingerprint({ path, fingerprint, symbol }: WindowFile): void {
  let found: string;
  try {
    found = verifyWindowFile(path).fingerprint;
  } catch (cause) {
    throw refuse(`the frozen ${symbol} window was changed: ${messageOf(cause)}`, cause);
  }
  if (found === fingerprint) return;
  throw refuse(
    `${path}: the frozen ${symbol} window was replaced: expected ${fingerprint.slice(0, 12)}, got ${found.slice(0, 12)}`,
  );
}

function refuse(message: string, cause?: unknown): RalphError {
  return new RalphError(message, {
    remedy: 'Start the command again: it freezes the window anew from the database.',
    cause,
  });
}
