import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../../base/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A folder for as long as it is used. It goes with the process too, also with one that a signal ends: window files are large. */
export function temporaryFolder(prefix: string): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), prefix));
  const remove = () => rmSync(path, { recursive: true, force: true });
  const end = () => process.exit(EXIT.interrupted);
  process.once('exit', remove);
  for (const signal of SIGNALS) process.once(signal, end);
  return {
    path,
    [Symbol.dispose]() {
      process.off('exit', remove);
      for (const signal of SIGNALS) process.off(signal, end);
      remove();
    },
  };
}
