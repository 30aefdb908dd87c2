import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { hasBubblewrap } from '../../../agent/external/sandbox.ts';
import { EXIT, RalphError } from '../../../base/errors.ts';
import type { Contract } from '../contract/contract.ts';

/** What one command sees of the disk; paths on this machine unless said otherwise. */
export interface View {
  /** The files of one side of a comparison: read-only, unless `whole` is set. */
  readonly tree: string;
  /** The project's own folder: the tree stands there inside the sandbox, so that paths in environments stay valid. */
  readonly at: string;
  /** Folder within the tree that the command runs in; '' for its top. */
  readonly below: string;
  /** Within the tree: may be written. */
  readonly writes: readonly string[];
  /** Within the tree: shown empty. */
  readonly masked: readonly string[];
  /** Within the tree: files that show the content of another. */
  readonly replaced: readonly (readonly [path: string, from: string])[];
  /** Installed things by their path within the tree, and where they lie. */
  readonly extras: readonly (readonly [path: string, from: string])[];
  /** An empty file. */
  readonly empty: string;
  /** A folder for the scorer's results; null where it has none. */
  readonly result: string | null;
  /** The whole tree may be written: for the set-up. */
  readonly whole: boolean;
  readonly network: boolean;
}

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/opt', '/nix'];
/** Of /etc, what programs need to run at all; no passwords, no keys. */
const ETC = [
  'alternatives',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'nsswitch.conf',
  'passwd',
  'group',
];
const ETC_TOO = ['ssl/certs', 'ssl/openssl.cnf', 'ca-certificates', 'pki', 'fonts', 'mime.types', 'chromium.d'];
const ETC_NETWORK = ['resolv.conf', 'hosts', 'services', 'protocols'];
const JAVA = /^java-\d+-openjdk$/;

/** Where results lie inside the sandbox. */
const RESULT = '/ralph-result';

/** Throws RalphError where the contract asks for a sandbox that this machine does not have. */
export function requireSandbox({ sandbox }: Pick<Contract, 'sandbox'>): void {
  if (sandbox === 'none') return;
  const limits = spawnSync('prlimit', ['--version'], { stdio: 'ignore' }).status === 0;
  if (hasBubblewrap() && limits) return;
  const missing = limits
    ? 'bubblewrap (bwrap) is missing or may make no namespaces'
    : 'prlimit (util-linux) is missing';
  throw new RalphError(`the commands of the task cannot be confined here: ${missing}`, {
    remedy:
      'Install it (Debian: apt install bubblewrap util-linux), or write `sandbox: none` to run the code that a model writes with your own rights.',
    exitCode: EXIT.usage,
  });
}

/** Memory that a runtime maps before the first line of a program and never touches (Node 26: 600 MB). The kernel counts it. */
const RUNTIME_MB = 1024;

/** Program and arguments that run a shell command within the sandbox, with its environment. */
export function confined(
  shell: string,
  view: View,
  contract: Contract,
  env: Readonly<Record<string, string>>,
): string[] {
  const { memoryMb, diskMb } = contract.limits;
  const size = String(diskMb * 2 ** 20);
  const below = (path: string) => join(view.at, path);
  const home = homedir();
  const own = contract.lend.map((each) => each.replace(/^~(?=\/|$)/, home));
  const { path, binds } = searchPath(own);
  const etc = [...ETC, ...ETC_TOO, ...(view.network ? ETC_NETWORK : [])].map((name) => `/etc/${name}`);
  const environments = [join(view.tree, view.below, '.venv'), ...view.extras.map(([, from]) => from)];
  const lent = [...binds, ...environments.flatMap(pythonsOf), ...own];
  const settings = { PATH: path, HOME: home, TMPDIR: '/tmp', LANG: 'C.UTF-8', ...env };
  return [
    'bwrap',
    ...['--die-with-parent', '--new-session', '--unshare-all', '--unshare-user', '--disable-userns', '--clearenv'],
    ...(view.network ? ['--share-net'] : []),
    ...[...SYSTEM, ...etc, ...javaFolders()].flatMap((each) => ['--ro-bind-try', each, each]),
    ...['--proc', '/proc', '--dev', '/dev', '--size', size, '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...['--size', size, '--tmpfs', '/tmp'],
    // The order matters: what lies inside of another comes later.
    ...[home, ...(tmpdir() === '/tmp' ? [] : [tmpdir()])].flatMap((each) => ['--size', size, '--tmpfs', each]),
    ...lent.filter(existsSync).flatMap((each) => ['--ro-bind', each, each]),
    ...[view.whole ? '--bind' : '--ro-bind', view.tree, view.at],
    ...view.extras.flatMap(([name, from]) => [view.whole ? '--bind' : '--ro-bind', from, below(name)]),
    ...view.writes.flatMap((name) => ['--bind', join(view.tree, name), below(name)]),
    ...view.masked.flatMap((name) => ['--ro-bind', view.empty, below(name)]),
    ...view.replaced.flatMap(([name, from]) => ['--ro-bind', from, below(name)]),
    ...(view.result ? ['--bind', view.result, RESULT] : []),
    ...['--remount-ro', '/', '--chdir', join(view.at, view.below)],
    ...Object.entries(settings).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--', 'prlimit', `--data=${(memoryMb + RUNTIME_MB) * 2 ** 20}`, `--fsize=${size}`, '--core=0', '--'],
    ...['/bin/sh', '-c', shell],
  ];
}

/** Where the command finds its result folder. */
export function resultPath(view: View, sandbox: Contract['sandbox']): string | null {
  return view.result && (sandbox === 'none' ? view.result : RESULT);
}

function javaFolders(): string[] {
  const version = process.env.JAVA_HOME?.split('/').at(-1) ?? '';
  const names = ['java-8-openjdk', 'java-11-openjdk', 'java-17-openjdk', 'java-21-openjdk', 'java-25-openjdk'];
  return [...names, ...(JAVA.test(version) ? [version] : []), 'java', 'maven', 'gradle'].map((name) => `/etc/${name}`);
}

/** The folders of PATH that are visible inside, those of lent folders among them; the Node of the user too, wherever it lies. */
function searchPath(lent: readonly string[]): { path: string; binds: string[] } {
  const folders = (process.env.PATH ?? '/usr/bin:/bin').split(delimiter).filter((each) => each.startsWith('/'));
  const isLent = (folder: string) => lent.some((each) => folder === each || folder.startsWith(`${each}/`));
  const visible = folders.filter((folder) => isSystem(folder) || isLent(folder));
  const holder = folders.find((folder) => existsSync(join(folder, 'node')));
  if (holder === undefined || isSystem(holder)) return { path: [...new Set(visible)].join(':'), binds: [] };
  const node = realpathSync(join(holder, 'node'));
  const bin = dirname(node);
  return { path: [...new Set([bin, ...visible])].join(':'), binds: [bin.endsWith('/bin') ? dirname(bin) : bin] };
}

/** The installed Python that a virtual environment was made of, wherever it lies (pyenv, uv, conda). */
function pythonsOf(environment: string): string[] {
  const path = join(environment, 'pyvenv.cfg');
  if (!existsSync(path)) return [];
  const home = /^home\s*=\s*(.+)$/m.exec(readFileSync(path, 'utf8'))?.[1].trim() ?? '';
  const python = join(environment, 'bin', 'python');
  const bins = [home, ...(existsSync(python) ? [dirname(realpathSync(python))] : [])];
  const prefixes = bins.flatMap((bin) => (bin.endsWith('/bin') && !isSystem(bin) ? [dirname(bin)] : []));
  return [...new Set(prefixes)];
}

function isSystem(folder: string): boolean {
  return SYSTEM.some((system) => folder === system || folder.startsWith(`${system}/`));
}
