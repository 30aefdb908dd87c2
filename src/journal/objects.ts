import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RalphError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { sha256 } from '../base/hash.ts';
import type { RunEvent } from './events.ts';

export type Objects = ReturnType<typeof openObjects>;

/** What trials were made of: `objects/<sha256>`, written before the event that names it. With the journal it is enough to rebuild any trial. */
export function openObjects(runDir: string) {
  const pathOf = (name: string) => join(runDir, 'objects', name);
  return {
    /** Stores text or bytes durably and returns the name. Storing the same content again costs nothing. */
    put(data: string | NodeJS.ArrayBufferView): string {
      const name = sha256(data);
      if (!existsSync(pathOf(name))) writeFileAtomic(pathOf(name), data);
      return name;
    },
    /** Throws RalphError when the object is missing or is not what its name says. */
    get(name: string): Buffer {
      if (!existsSync(pathOf(name))) throw unusable(`object ${pathOf(name)} is missing`);
      const data = readFileSync(pathOf(name));
      if (sha256(data) !== name)
        throw unusable(`object ${pathOf(name)} is damaged: its content does not match its name`);
      return data;
    },
  };
}

/** The text of each file of a trial, by its name. `files`: the objects by file name, as the journal has them. */
export function textsOf(
  objects: Pick<Objects, 'get'>,
  files: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, object]) => [name, objects.get(object).toString('utf8')]),
  );
}

function unusable(problem: string): RalphError {
  return new RalphError(problem, {
    remedy: 'Restore that file from a backup; `npm run ralph -- verify` names every trial that needs it.',
  });
}

/** Daily returns as bytes, and back: little-endian float64, exact. */
export function returnsFromBytes(bytes: Buffer): Float64Array {
  const copy = new Uint8Array(bytes);
  return new Float64Array(copy.buffer, 0, Math.floor(copy.byteLength / 8));
}

/** Reads the daily train returns that each trial of a run stored; a trial without any has an empty array. */
export function returnsReader(runDir: string, events: readonly RunEvent[]): (trial: string) => Float64Array {
  const objects = openObjects(runDir);
  const names = new Map(
    events.flatMap((event) => (event.type === 'trial.finished' ? [[event.trial, event.returnsSha256]] : [])),
  );
  return (trial) => {
    const name = names.get(trial);
    return name ? returnsFromBytes(objects.get(name)) : new Float64Array();
  };
}
