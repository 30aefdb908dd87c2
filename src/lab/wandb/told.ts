import { appendFileSync, createReadStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isTorn, replaceFile } from '../../base/files.ts';
import { sha256 } from '../../base/hash.ts';
import { jsonIn } from '../../base/json.ts';

/** What a tracking server was told, in a folder, so that the next one there can be told it again. */
export interface Told {
  /** Notes a request that changed something. It is in the file when this returns, so it may be answered then. */
  note(url: string, body: string): void;
  /** Notes an upload; of several to one address the last one stays. */
  upload(url: string, content: Buffer): void;
  /** Tells everything again, in order. */
  again(write: (url: string, body: string) => void, put: (url: string, content: Buffer) => void): Promise<void>;
}

/** Opens such a folder. It outlives any end of the process, but no power cut. */
export function openTold(folder: string): Told {
  const uploads = join(folder, 'uploads');
  const log = join(folder, 'told.jsonl');
  mkdirSync(uploads, { recursive: true });
  // What a kill tore off was never answered.
  if (isTorn(log)) appendFileSync(log, '\n');
  const fileOf = (url: string) => join(uploads, sha256(url));
  return {
    note: (url, body) => appendFileSync(log, `${JSON.stringify({ url, body })}\n`),
    upload(url, content) {
      replaceFile(fileOf(url), content);
      appendFileSync(log, `${JSON.stringify({ url })}\n`);
    },
    async again(write, put) {
      if (!existsSync(log)) return;
      // Line by line: a long run tells more than one text can hold.
      for await (const line of createInterface({ input: createReadStream(log) })) {
        const told = jsonIn(line) as { url: string; body?: string } | undefined;
        if (!told) continue;
        if (told.body === undefined) put(told.url, readFileSync(fileOf(told.url)));
        else write(told.url, told.body);
      }
    },
  };
}
