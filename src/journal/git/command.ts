import { execa } from 'execa';
import { RalphError } from '../../base/errors.ts';

/** User settings that must not act on our commits: hooks, signing, daemons, packing, line ends. Git syncs objects and refs before it returns. */
const OVERRIDES = [
  'core.hooksPath=/dev/null',
  'commit.gpgSign=false',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'core.autocrlf=false',
  'core.safecrlf=false',
  'core.fsync=committed,loose-object,reference',
  'core.fsyncMethod=batch',
  'commit.template=',
  'commit.verbose=false',
  'i18n.commitEncoding=utf-8',
  'log.showSignature=false',
  'advice.detachedHead=false',
];

/** Signs the commits of a run when the repository names no author. */
const SOMEBODY = { name: 'Ralph', email: 'ralph@localhost' };

export interface GitAnswer {
  readonly ok: boolean;
  readonly out: string;
  readonly err: string;
}

/** Runs git in a folder with our settings and nothing inherited that points it elsewhere. Never throws, never asks. */
export async function git(dir: string, args: readonly string[], input?: string): Promise<GitAnswer> {
  const settings = OVERRIDES.flatMap((setting) => ['-c', setting]);
  const answer = await execa('git', [...settings, ...args], {
    ...alone(dir),
    input: input ?? '',
    // Ctrl-C reaches the whole terminal group, and a commit is not to be cut in the middle.
    detached: true,
    stripFinalNewline: true,
  });
  return {
    ok: answer.exitCode === 0,
    out: answer.stdout ?? '',
    err: answer.stderr || (answer.failed ? (answer.shortMessage ?? 'git failed') : ''),
  };
}

/** The commit that a name stands for; null where there is none. */
export async function commitAt(dir: string, name: string): Promise<string | null> {
  const { ok, out } = await git(dir, ['rev-parse', '--verify', '--quiet', name]);
  return ok ? out : null;
}

/** What git prints, byte for byte. Throws RalphError when it refused. */
export async function gitBytes(dir: string, args: readonly string[], input: string): Promise<Buffer> {
  const bytes = { encoding: 'buffer', maxBuffer: 2 ** 30, stripFinalNewline: false } as const;
  const answer = await execa('git', args, { ...alone(dir), ...bytes, input });
  if (answer.exitCode === 0) return Buffer.from(answer.stdout);
  throw new RalphError(`git ${args[0]} failed: ${firstLine(Buffer.from(answer.stderr ?? []).toString())}`, {
    remedy: `Look at it with: git -C ${dir} fsck`,
  });
}

/** Arguments that give the commits an author when the configuration has none. */
export async function identityArgs(dir: string): Promise<string[]> {
  const [name, email] = await Promise.all([git(dir, ['config', 'user.name']), git(dir, ['config', 'user.email'])]);
  return [
    ...(name.out.trim() ? [] : ['-c', `user.name=${SOMEBODY.name}`]),
    ...(email.out.trim() ? [] : ['-c', `user.email=${SOMEBODY.email}`]),
  ];
}

/** In a folder, with nothing inherited that points git elsewhere; it never asks. */
function alone(dir: string) {
  const kept = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'TMPDIR', 'SystemRoot', 'USERPROFILE'];
  const inherited = kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  const quiet = { GIT_TERMINAL_PROMPT: '0', GIT_EDITOR: 'true', GIT_LFS_SKIP_SMUDGE: '1', LC_ALL: 'C.UTF-8' };
  // What stands in the place of a commit for the user (`git replace`, grafts) is not that commit.
  const itself = { GIT_NO_REPLACE_OBJECTS: '1', GIT_GRAFT_FILE: '/dev/null/none' };
  const env: Record<string, string> = { ...Object.fromEntries(inherited), ...quiet, ...itself };
  return { cwd: dir, env, extendEnv: false, reject: false, timeout: 120_000 } as const;
}

/** What git answered. Throws RalphError when it refused. */
export async function must(dir: string, args: readonly string[], input?: string): Promise<string> {
  const answer = await git(dir, args, input);
  if (answer.ok) return answer.out;
  const verb = args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? 'git';
  throw new RalphError(`git ${verb} failed: ${firstLine(answer.err)}`, {
    remedy: `Look at it with: git -C ${dir} status`,
  });
}

export function firstLine(text: string): string {
  return text.split('\n')[0].trim();
}
