import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BadRow } from './read-bars.ts';

/** The bad rows of one file, written beside the data: line number, reason, the row as it was. */
export class RejectFile {
  readonly path: string;
  #file: number | null = null;
  #count = 0;
  #buffer: string[] = [];
  readonly samples: BadRow[] = [];
  /** How often each reason was given. */
  readonly reasons = new Map<string, number>();

  constructor(folder: string, source: string, sha256: string) {
    mkdirSync(folder, { recursive: true });
    this.path = join(folder, `${basename(source)}.${sha256.slice(0, 8)}.rejected.tsv`);
    rmSync(this.path, { force: true });
  }

  get count(): number {
    return this.#count;
  }

  add(row: BadRow): void {
    this.#count += 1;
    this.reasons.set(row.reason, (this.reasons.get(row.reason) ?? 0) + 1);
    if (this.samples.length < 3) this.samples.push(row);
    this.#buffer.push(`${row.line}\t${row.reason}\t${row.text.slice(0, 500)}\n`);
    if (this.#buffer.length >= 1000) this.#flush();
  }

  /** Forgets what was added: the file is read again from its beginning. */
  restart(): void {
    this.close();
    rmSync(this.path, { force: true });
    this.#count = 0;
    this.samples.length = 0;
    this.reasons.clear();
  }

  close(): void {
    this.#flush();
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #flush(): void {
    if (this.#buffer.length === 0) return;
    if (this.#file === null) {
      this.#file = openSync(this.path, 'w');
      writeSync(this.#file, 'line\treason\trow\n');
    }
    writeSync(this.#file, this.#buffer.join(''));
    this.#buffer = [];
  }
}
