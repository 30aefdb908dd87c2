import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { EXIT, RalphError } from '../../../base/errors.ts';
import { canonicalJson, sha256 } from '../../../base/hash.ts';
import { readObjects } from '../../../journal/git/branch.ts';
import { must } from '../../../journal/git/command.ts';

/** One file of a commit. */
interface Entry {
  readonly path: string;
  /** Git's: 100644, 100755 (a program), 120000 (a link). */
  readonly mode: string;
  readonly object: string;
}

/** The files of a commit; what lies in another repository (a submodule) is left out. Throws RalphError without such a commit. */
export async function filesAt(repository: string, commit: string): Promise<Entry[]> {
  const list = await must(repository, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  return list.split('\0').flatMap((line) => {
    const [about, path] = line.split('\t');
    const [mode, type, object] = about.split(' ');
    return type === 'blob' ? [{ path, mode, object }] : [];
  });
}

/** Writes the files of a commit into an empty folder. */
export async function writeFiles(repository: string, entries: readonly Entry[], folder: string): Promise<void> {
  const objects = entries.map(({ object }) => object);
  const contents = await readObjects(repository, objects);
  for (const [i, { path, mode }] of entries.entries()) {
    const content = contents[i]?.content;
    if (!content)
      throw new RalphError(`the repository has no content for ${path}`, {
        remedy: `Look at it with: git -C ${repository} fsck`,
      });
    const target = placeIn(folder, path);
    if (mode === '120000') symlinkSync(content.toString('utf8'), target);
    else writeFileSync(target, content, { mode: mode === '100755' ? 0o755 : 0o644 });
  }
}

/** Where a path lies in a folder; the folders above it are made. */
export function placeIn(folder: string, path: string): string {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  return target;
}

/** What was installed beside the files of the commit, the outermost folder of each. */
export function installed(tree: string, tracked: ReadonlySet<string>): string[] {
  const folders = new Set([...tracked].flatMap(parents));
  const found: string[] = [];
  const walk = (below: string) => {
    for (const name of readdirSync(join(tree, below))) {
      const path = posix.join(below, name);
      if (folders.has(path)) walk(path);
      else if (!tracked.has(path)) found.push(path);
    }
  };
  walk('');
  return found;
}

/** The folders that a path lies in, the outermost first. */
export function parents(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** Copies what git ignores from the user's checkout, such as node_modules. Throws RalphError for a path that is not there. */
export function carry(from: string, paths: readonly string[], tree: string): void {
  for (const path of paths) {
    if (!existsSync(join(from, path)))
      throw new RalphError(`the contract carries ${path}, which is not in ${from}`, {
        remedy: `Install it there first, or take it out of "carry" in ralph.yaml.`,
        exitCode: EXIT.usage,
      });
    cpSync(join(from, path), placeIn(tree, path), { recursive: true, verbatimSymlinks: true, force: true });
  }
}

/** Hash of what was carried, file by file; what Python compiles anew by itself is left out. */
export function carriedPrint(tree: string, paths: readonly string[]): string {
  const filesBelow = (path: string): string[] =>
    lstatSync(join(tree, path)).isDirectory()
      ? readdirSync(join(tree, path))
          .filter((name) => name !== '__pycache__')
          .flatMap((name) => filesBelow(posix.join(path, name)))
      : [path];
  const files = paths.flatMap(filesBelow).sort();
  return sha256(canonicalJson(files.map((path) => [path, hashOf(join(tree, path))])));
}

/** One side of a comparison: a folder with the files of the commit, changed; removed with the block that holds it. */
export interface Arm extends Disposable {
  readonly dir: string;
  readonly tree: string;
  readonly changed: Readonly<Record<string, string>>;
}

export interface ArmOptions {
  readonly base: string;
  readonly tracked: ReadonlyMap<string, string>;
  readonly extras: readonly string[];
  readonly writes: readonly string[];
  /** Installed things are linked, for commands without a sandbox; else they are mounted on empty places. */
  readonly link: boolean;
}

export function makeArm(dir: string, changed: Readonly<Record<string, string>>, options: ArmOptions): Arm {
  const { base, tracked, extras, writes, link } = options;
  const tree = join(dir, 'tree');
  removeAll(dir);
  mkdirSync(tree, { recursive: true });
  for (const [path, mode] of tracked) {
    const target = placeIn(tree, path);
    if (mode === '120000') symlinkSync(readlinkSync(join(base, path)), target);
    else cpSync(join(base, path), target);
  }
  for (const [path, content] of Object.entries(changed)) {
    const target = placeIn(tree, path);
    rmSync(target, { force: true });
    writeFileSync(target, content);
    if (tracked.get(path) === '100755') chmodSync(target, 0o755);
  }
  for (const path of extras) {
    const target = placeIn(tree, path);
    if (link) symlinkSync(join(base, path), target);
    else if (lstatSync(join(base, path)).isDirectory()) mkdirSync(target, { recursive: true });
    else writeFileSync(target, '');
  }
  for (const path of writes) mkdirSync(join(tree, path), { recursive: true });
  return { dir, tree, changed, [Symbol.dispose]: () => removeAll(dir) };
}

/** Times stay, so that make does not build again what was built. */
const KEPT = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };

/** Makes the folders that a run may write what they were after the build. */
export function resetWrites({ dir, tree }: Arm, writes: readonly string[]): void {
  for (const path of writes) {
    const built = join(dir, 'built', path);
    // The folder itself stays: a sandbox mounts it.
    for (const name of readdirSync(join(tree, path))) removeAll(join(tree, path, name));
    if (existsSync(built)) cpSync(built, join(tree, path), KEPT);
  }
}

/** Removes a folder that a command wrote into, also what it closed to its owner. */
export function removeAll(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (thrown) {
    if (!/^(EACCES|EPERM)$/.test((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown;
    openFolders(path);
    rmSync(path, { recursive: true, force: true });
  }
}

function openFolders(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) openFolders(join(path, entry.name));
}

/** Keeps what the build made, for every later run to start from. */
export function keepBuilt({ dir, tree }: Arm, writes: readonly string[]): void {
  for (const path of writes) cpSync(join(tree, path), join(dir, 'built', path), KEPT);
}

/** SHA-256 of a file, or where a link points. */
export function hashOf(path: string): string {
  try {
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
    return stat.isFile() ? sha256(readFileSync(path)) : 'no file';
  } catch {
    return 'gone';
  }
}

/** What a change amounts to, whatever order its files come in. */
export function changeHash(files: Readonly<Record<string, string>>): string {
  return sha256(canonicalJson(files));
}
