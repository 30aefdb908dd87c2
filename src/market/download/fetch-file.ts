import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import { syncFolder } from '../../base/files.ts';
import { backoff } from '../../base/wait/backoff.ts';
import { fingerprintFile } from '../ingest/source.ts';

/** How patient to be. The defaults suit the public site; tests shorten them. */
export interface Patience {
  /** Tries for one file, the first included. */
  readonly attempts: number;
  /** Pause before the second try; it doubles with each further one, up to a minute. */
  readonly pauseMs: number;
  /** A transfer that brings nothing for so long is cut and continued. */
  readonly stallMs: number;
}

export const PATIENCE: Patience = { attempts: 6, pauseMs: 1000, stallMs: 30_000 };

export type Fetched =
  | { outcome: 'downloaded' | 'cached'; bytes: number }
  | { outcome: 'missing' }
  | { outcome: 'failed'; why: string };

/**
 * Brings `url` to `path`, verified against the SHA-256 that the site keeps beside it (`url`.CHECKSUM). What a cut
 * transfer left in `path`.part is continued. A file that is there and matches is not fetched again; one with a wrong
 * checksum never gets its final name.
 */
export async function fetchFile(url: string, path: string, patience: Patience, signal?: AbortSignal): Promise<Fetched> {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.part`;
  let why = '';
  for (let attempt = 1; attempt <= patience.attempts; attempt++) {
    signal?.throwIfAborted();
    try {
      const wanted = await checksum(url, patience, signal);
      if (await matches(path, wanted)) return { outcome: 'cached', bytes: statSync(path).size };
      await transfer(url, part, patience, signal);
      if (await matches(part, wanted)) {
        renameSync(part, path);
        syncFolder(dirname(path));
        return { outcome: 'downloaded', bytes: statSync(path).size };
      }
      rmSync(part, { force: true });
      why = 'its SHA-256 does not match the CHECKSUM file';
    } catch (error) {
      if (signal?.aborted) throw error;
      if (error instanceof Gone) return { outcome: 'missing' };
      why = error instanceof TypeError ? messageOf(error.cause ?? error) : messageOf(error);
      if (error instanceof Refused) break;
      if (error instanceof Wait) await sleep(error.ms, undefined, { signal });
    }
    if (attempt < patience.attempts) await sleep(backoff(attempt, patience.pauseMs, 60_000), undefined, { signal });
  }
  return { outcome: 'failed', why };
}

class Gone extends Error {}
class Refused extends Error {}
class Wait extends Error {
  ms = 0;
}

async function checksum(url: string, patience: Patience, signal?: AbortSignal): Promise<string> {
  const chunks = await Array.fromAsync(request(`${url}.CHECKSUM`, 0, patience, signal), ({ bytes }) => bytes);
  const word = Buffer.concat(chunks).toString('latin1').trim().split(/\s+/)[0];
  if (!/^[0-9a-f]{64}$/i.test(word)) throw new Error(`${url}.CHECKSUM holds no SHA-256`);
  return word.toLowerCase();
}

async function matches(path: string, wanted: string): Promise<boolean> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  return (await fingerprintFile(path)).sha256 === wanted;
}

/** Appends what is still missing of a file to its part. */
async function transfer(url: string, part: string, patience: Patience, signal?: AbortSignal): Promise<void> {
  const have = statSync(part, { throwIfNoEntry: false })?.size ?? 0;
  await using file = await open(part, have > 0 ? 'r+' : 'w');
  let at = have;
  for await (const { bytes, whole } of request(url, have, patience, signal)) {
    // the server sent the file from its start instead of the rest
    if (whole && at === have && have > 0) {
      await file.truncate(0);
      at = 0;
    }
    await file.write(bytes, 0, bytes.length, at);
    at += bytes.length;
  }
  await file.sync();
}

/** The pieces of a response from byte `from` on; `whole` when the server ignored the range. */
async function* request(url: string, from: number, patience: Patience, signal?: AbortSignal) {
  const stall = new AbortController();
  const { stallMs } = patience;
  using timer = setTimeout(() => stall.abort(new Error(`nothing came for ${stallMs} ms`)), stallMs);
  const headers: Record<string, string> = { 'user-agent': 'ralph' };
  if (from > 0) headers.range = `bytes=${from}-`;
  const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
  const response = await fetch(url, { headers, signal: either });
  if (response.status === 404) throw new Gone();
  // the part is longer than the file or already whole: the checksum tells
  if (response.status === 416) return;
  if (response.status === 429 || response.status === 503)
    throw Object.assign(new Wait(`the server asks to wait (${response.status})`), {
      ms: waitOf(response.headers.get('retry-after')),
    });
  if (response.status >= 500 || response.status === 408) throw new Error(`the server answered ${response.status}`);
  if (!response.ok) throw new Refused(`the server answered ${response.status}`);
  const whole = response.status !== 206;
  for await (const bytes of response.body ?? []) {
    timer.refresh();
    yield { bytes: bytes as Uint8Array, whole };
  }
}

/** Retry-After in ms, at most two minutes. */
export function waitOf(header: string | null): number {
  const seconds = Number(header ?? 0);
  return Number.isFinite(seconds) ? Math.min(120, Math.max(0, seconds)) * 1000 : 0;
}
