import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt } from '../../base/attempt.ts';
import { messageOf } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import type { TrackedFile, TrackedRun } from '../tracker.ts';
import { ASK_AGAIN_MS } from './ask-again.ts';
import { Refused } from './refused.ts';

/** Larger files stay where they are, so that transcripts do not fill an account. */
const MOST_BYTES = 5_000_000;
const UPLOAD_MS = 60_000;

export type Query = (text: string, variables: object) => Promise<Record<string, unknown>>;

/** The mutation of the Python client; it answers with an address for each file. */
const CREATE = `mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
  createRunFiles(input: { entityName: $entity, projectName: $project, runName: $run, files: $files }) {
    runID uploadHeaders files { name uploadUrl }
  }
}`;

const HELD = `query RalphFiles($project: String!, $entity: String, $run: String!) {
  project(name: $project, entityName: $entity) { run(name: $run) { files(first: 100) { edges { node { name md5 } } } } }
}`;

export interface Place {
  readonly entity: string;
  readonly project: string;
  readonly run: string;
}

/**
 * Brings the files of a run beside it and asks whether they are there. Files that the server holds already are not sent again. A file that
 * is gone or has changed since it was judged is left out. Throws Refused when the server did not take one.
 */
export async function attach({ files }: TrackedRun, runDir: string, place: Place, query: Query): Promise<void> {
  const wanted = contentsOf(runDir, files);
  if (wanted.length === 0) return;
  const held = await heldFiles(place, query);
  const missing = wanted.filter(({ name, md5 }) => held.get(name) !== md5);
  if (missing.length === 0) return;
  const answer = (await query(CREATE, { ...place, files: missing.map(({ name }) => name) })).createRunFiles as Created;
  const headers = headersOf(answer?.uploadHeaders);
  for (const { name, content } of missing) {
    const url = answer?.files?.find((each) => each.name === name)?.uploadUrl;
    if (!url) throw new Refused(`the tracking server gave no address for the file ${name}`, true);
    await upload(url, headers, content, name);
  }
  let lost = missing;
  for (const wait of ASK_AGAIN_MS) {
    await sleep(wait);
    const after = await heldFiles(place, query);
    lost = missing.filter(({ name, md5 }) => after.get(name) !== md5);
    if (lost.length === 0) return;
  }
  throw new Refused(`the file ${lost[0].name} was sent; the server does not hold it`, true);
}

type Created = {
  uploadHeaders?: readonly string[];
  files?: readonly { readonly name: string; readonly uploadUrl: string }[];
} | null;

/** A file as it is sent. */
export interface Content {
  readonly name: string;
  readonly content: Buffer;
  readonly md5: string;
}

/** What the files hold, without those that are not to be sent. */
export function contentsOf(runDir: string, files: readonly TrackedFile[]): Content[] {
  return files.flatMap((file) => {
    const content = contentOf(runDir, file);
    return content === null ? [] : [{ name: file.name, content, md5: md5Of(content) }];
  });
}

/** What a file holds; null where it is gone, has changed since it was judged, or is too large. */
function contentOf(runDir: string, tracked: TrackedFile): Buffer | null {
  if ('text' in tracked) return Buffer.byteLength(tracked.text) > MOST_BYTES ? null : Buffer.from(tracked.text);
  const file = join(runDir, tracked.path);
  const content = attempt(() => (statSync(file).size > MOST_BYTES ? undefined : readFileSync(file)));
  return content && sha256(content) === tracked.sha256 ? content : null;
}

async function heldFiles(place: Place, query: Query): Promise<Map<string, string>> {
  const data = (await query(HELD, { ...place })) as {
    project?: { run?: { files?: { edges: { node: { name: string; md5: string } }[] } } | null } | null;
  };
  return new Map(data.project?.run?.files?.edges.map(({ node }) => [node.name, node.md5]));
}

/** Puts one file at the address that the server gave for it. Throws Refused. */
export async function upload(url: string, headers: Record<string, string>, body: Buffer, name: string): Promise<void> {
  const sent = { method: 'PUT', headers, body: new Uint8Array(body), signal: AbortSignal.timeout(UPLOAD_MS) };
  const response = await fetch(url, sent).catch((error: unknown) => {
    throw new Refused(`the file ${name} cannot be sent: ${messageOf((error as Error).cause ?? error)}`, false);
  });
  await response.body?.cancel();
  if (!response.ok) throw new Refused(`the file ${name} was refused with ${response.status}`, response.status < 500);
}

/** As the server's storage writes it: base64. */
export function md5Of(content: Buffer): string {
  return hash('md5', content, 'base64');
}

/** Headers that come as lines. */
export function headersOf(lines: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}
