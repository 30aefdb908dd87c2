import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { seededRandom } from '../../../src/base/random.ts';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { buildRunFolder } from '../../../src/lab/bench/run-folder.ts';

/** What a start makes again and nothing is read from (journal/README.md names them): a changed byte there changes no result. */
const DERIVED = [
  /^STATUS\.md$/,
  /^\.gitignore$/,
  /^lock/,
  /\.reserve$/,
  // The checkout and git's own notes; the commits themselves are checked.
  /^worktree\/(?!\.git\/(objects|refs|HEAD))/,
  // The empty tree: git knows it by heart and never reads this file.
  /objects\/4b\/825dc642/,
];

/** In a random place 500 times with RALPH_FLIPS=500. */
const FLIPS = Number(process.env.RALPH_FLIPS ?? 25);

test('a changed byte is found in every kind of file of a run folder and its branch, and in random places', async () => {
  const dir = buildRunFolder(4, { own: true, partBytes: 12_000 });
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(dir, name)).isFile() && statSync(join(dir, name)).size > 0)
    .filter((name) => !DERIVED.some((each) => each.test(relative(dir, join(dir, name)))))
    .sort();
  // One file for each name, numbers and hashes left out.
  const kinds = new Map(files.map((name) => [name.replaceAll(/[0-9a-f]{2,}/g, '*'), name]));
  for (const kind of [
    'brief.md',
    'transcript.jsonl',
    'strategy.ts',
    'report.json',
    'verdict.json',
    '.jsonl.gz',
    'HEAD',
  ])
    assert.ok(
      [...kinds.values()].some((name) => name.endsWith(kind)),
      kind,
    );
  assert.equal((await verifyRun(dir)).ok, true);
  const draw = seededRandom(7);
  const pick = (below: number) => Math.floor(draw() * below);
  const places = [...kinds.values(), ...Array.from({ length: FLIPS }, () => files[pick(files.length)])];
  const unnoticed: string[] = [];
  for (const name of places) {
    const path = join(dir, name);
    const before = readFileSync(path);
    const changed = Buffer.from(before);
    const at = pick(before.length);
    changed[at] ^= 1 << pick(7);
    // Git reads the hash in a ref in either case: the same commit.
    if (name.includes('refs') && `${changed}`.toLowerCase() === `${before}`) continue;
    // The bits that fill the last byte of a compressed object stand for nothing.
    if (name.includes('.git/objects/') && inflated(changed)?.equals(inflated(before)!)) continue;
    chmodSync(path, 0o644);
    writeFileSync(path, changed);
    const found = await verifyRun(dir).then(
      ({ ok }) => !ok,
      (error) => assert.fail(`${name} at ${at}: ${error.stack}`),
    );
    if (!found) unnoticed.push(`${name} at ${at}`);
    writeFileSync(path, before);
  }
  assert.deepEqual(unnoticed, []);
  assert.equal((await verifyRun(dir)).ok, true);
});

function inflated(bytes: Buffer): Buffer | null {
  try {
    return inflateSync(bytes);
  } catch {
    return null;
  }
}
