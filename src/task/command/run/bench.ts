import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { EXIT, RalphError } from '../../../base/errors.ts';
import { canonicalJson, sha256 } from '../../../base/hash.ts';
import type { Contract } from '../contract/contract.ts';
import { matches } from '../contract/paths.ts';
import { type HeldBack, holdBack, refuseLeaks } from '../returns/hold-back.ts';
import { execute } from './execute.ts';
import { tailOf } from './output.ts';
import type { View } from './sandbox.ts';
import {
  type Arm,
  carriedPrint,
  carry,
  filesAt,
  hashOf,
  installed,
  makeArm,
  parents,
  removeAll,
  writeFiles,
} from './tree.ts';

/** Where the project is. */
export interface Place {
  /** Top of the repository, absolute. */
  readonly repository: string;
  /** Folder of the project below it, '' for the top; ends with a slash otherwise. */
  readonly prefix: string;
}

/** The files of the commit that a run started from, installed and ready: every comparison is made of copies of it. */
export type Bench = Awaited<ReturnType<typeof openBench>>;

export interface BenchOptions {
  readonly place: Place;
  readonly commit: string;
  readonly contract: Contract;
  /** Where copies are kept; made where it is missing. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Set-up may download: it gets longer than an experiment. */
const SETUP_SECONDS = 1800;

export async function openBench(options: BenchOptions) {
  const { place, commit, contract, dir } = options;
  mkdirSync(dir, { recursive: true });
  const own = (paths: readonly string[]) => paths.map((path) => posix.join(place.prefix, path));
  const settings = `${place.prefix}ralph`;
  const entries = (await filesAt(place.repository, commit)).filter(({ path }) => !path.startsWith(`${settings}/`));
  const tracked: ReadonlyMap<string, string> = new Map(entries.map(({ path, mode }) => [path, mode]));
  const globs = { editable: own(contract.editable), hidden: own(contract.hidden), readOnly: own(contract.readOnly) };
  // A file that readOnly names by itself cannot change, even where editable names it too.
  const fixed = own(contract.readOnly.filter((glob) => glob !== '**'));
  const isLink = (path: string) => tracked.get(path) === '120000';
  const isEditable = (path: string) =>
    matches(path, globs.editable) && !matches(path, [...globs.hidden, ...fixed]) && !isLink(path);
  const editable: readonly string[] = [...tracked.keys()].filter(isEditable);
  const folders = new Set([...tracked.keys()].flatMap(parents));
  const writes = own(contract.writes);
  const clash = [...tracked.keys()].find((path) => matches(path, writes));
  if (clash)
    throw new RalphError(`"writes" names ${clash}, which is a file of the repository`, {
      remedy: 'Let the commands write into a folder that git ignores, such as out.',
      exitCode: EXIT.usage,
    });
  const base = await makeBase(options, entries);
  const heldBack: HeldBack = holdBack.open(`${base}-held`, contract.returns, place.prefix);
  refuseLeaks(base, tracked.keys(), heldBack, contract, place.prefix);
  const extras = installed(base, new Set(tracked.keys())).filter((path) => !matches(path, writes));
  const empty = join(dir, 'empty');
  writeFileSync(empty, '');
  const kept = [...tracked.keys()].filter((path) => matches(path, globs.readOnly) && !isEditable(path));
  const hash = (tree: string) => new Map(kept.map((path) => [path, hashOf(join(tree, path))]));
  const readOnly: ReadonlyMap<string, string> = hash(base);
  const link = contract.sandbox === 'none';
  const at = link ? base : place.repository;
  let made = 0;
  return {
    place,
    commit,
    /** Tracked paths (from the top of the repository) and their modes. */
    tracked,
    /** Hashes of what may not change. */
    readOnly,
    /** Hash of what was carried from the checkout; null where nothing was. */
    carried: existsSync(carriedFile(base)) ? readFileSync(carriedFile(base), 'utf8') : null,
    /** Folders that the commands may write, from the top of the repository. */
    writes,
    /** Paths that the agent may write, as they are now. */
    editable,
    /** The whole price files by path, for the harness alone: the copies hold what lies before the end of train. Empty without `returns`. */
    heldBack,
    /** Whether a path, there or new, may be written: no link, no place below a file, no folder, nothing installed, and nothing of `ralph/`. */
    mayEdit: (path: string) =>
      isEditable(path) &&
      !matches(path, [settings, ...writes, ...extras]) &&
      !folders.has(path) &&
      !parents(path).some((folder) => tracked.has(folder)),
    /** Links are left out: one could lead to a hidden file, or out of the repository. */
    mayRead: (path: string) => tracked.has(path) && !isLink(path) && !matches(path, globs.hidden),
    text: (path: string) => readFileSync(join(base, path), 'utf8'),
    arm: (changed: Readonly<Record<string, string>>): Arm =>
      makeArm(join(dir, `arm-${++made}`), changed, { base, tracked, extras, writes, link }),
    /** What a command sees. One with a folder for results is the scorer: it sees the hidden files too, and may write nothing of the tree. */
    view: (arm: Arm, { result, replaced = [] }: { result?: string; replaced?: View['replaced'] }): View => ({
      tree: arm.tree,
      at,
      below: place.prefix,
      writes: result === undefined ? writes : [],
      masked: result === undefined ? [...tracked.keys()].filter((path) => matches(path, globs.hidden)) : [],
      replaced,
      extras: extras.map((path) => [path, join(base, path)] as const),
      empty,
      result: result ?? null,
      whole: false,
      network: contract.network,
    }),
    /** Tracked files of an arm that are not what they were. */
    touched: (arm: Arm) => {
      const after = hash(arm.tree);
      return [...readOnly].flatMap(([path, before]) => (after.get(path) === before ? [] : [path]));
    },
    remove: () => {
      for (const name of existsSync(dir) ? readdirSync(dir) : [])
        if (name.startsWith('arm-')) removeAll(join(dir, name));
    },
  };
}

/** Where a base says what it was carried with; one that an older version made has none. */
const carriedFile = (base: string) => `${base}-carried`;

/** The installed files of the commit. They are kept for the next start of the run, by what they are made of. */
async function makeBase(options: BenchOptions, entries: Awaited<ReturnType<typeof filesAt>>): Promise<string> {
  const { place, commit, contract, dir, say, signal } = options;
  const { setup, carry: carried, network, returns = null } = contract;
  const key = sha256(canonicalJson({ commit, setup, carried, network, returns })).slice(0, 12);
  const base = join(dir, `base-${key}`);
  if (existsSync(base)) return base;
  const making = `${base}-new`;
  removeAll(making);
  mkdirSync(making, { recursive: true });
  await writeFiles(place.repository, entries, making);
  const paths = carried.map((path) => posix.join(place.prefix, path));
  carry(place.repository, paths, making);
  if (paths.length > 0) writeFileSync(carriedFile(base), carriedPrint(making, paths));
  holdBack.make(`${base}-held`, making, contract.returns, place.prefix);
  if (setup !== '') {
    say(`set-up: ${setup}`);
    const at = contract.sandbox === 'none' ? making : place.repository;
    const nothing = { writes: [], masked: [], replaced: [], extras: [], empty: '', result: null };
    const view: View = { ...nothing, tree: making, at, below: place.prefix, whole: true, network };
    const done = await execute({ command: setup, view, contract, budgetSeconds: SETUP_SECONDS, signal });
    if (done.failure !== null)
      throw new RalphError(`the set-up failed: ${done.failure}\n${tailOf(`${done.stdout}\n${done.stderr}`)}`, {
        remedy: 'Try the command of "setup" in a fresh clone; what it downloads needs network: true.',
      });
  }
  renameSync(making, base);
  return base;
}

/** A number that both sides of a pair are given, and that nobody knows before. */
export function pairSeed(trial: string, pair: number): string {
  return String(createHash('sha256').update(`${trial}/${pair}/${process.hrtime.bigint()}`).digest().readUInt32LE(0));
}
