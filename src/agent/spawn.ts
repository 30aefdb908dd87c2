import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execaNode } from 'execa';
import type { RunSession, SessionEnd } from './contract.ts';
import type { ToChild, ToParent } from './ipc.ts';
import { Ledger } from './ledger.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** How long a session may take to end by itself after it was told to. */
const GRACE_MS = 3000;

/**
 * A session in a fresh process that can reach the network and read its own code, and nothing else: no other file, no
 * environment, no child processes. Whatever becomes of the process, the answer is a SessionEnd. Only what `callTool` itself throws, a fault
 * of the harness's own world, is thrown on.
 */
export const runChildSession: RunSession = async (spec, harness) => {
  const ledger = new Ledger(spec, harness.onEntry);
  const child = execaNode(join(import.meta.dirname, 'child.ts'), [], {
    nodePath: process.execPath,
    nodeOptions: sandboxFlags(),
    cwd: ROOT,
    extendEnv: false,
    env: {},
    ipc: true,
    serialization: 'json',
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    maxBuffer: 100_000,
  });
  let end: SessionEnd | undefined;
  let overtime = false;
  const broken: unknown[] = [];
  let hardStop: NodeJS.Timeout | undefined;
  const tell = (message: ToChild) => child.connected && child.send(message, () => {});
  const stop = () => {
    tell({ kind: 'abort' });
    hardStop ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  const wall = setTimeout(() => {
    overtime = true;
    stop();
  }, spec.limits.wallMs + GRACE_MS);

  child.on('message', (message: ToParent) => {
    if (message.kind === 'ready') tell({ kind: 'start', spec });
    if (message.kind === 'entry') ledger.add(message.entry);
    if (message.kind === 'end') end = message.end;
    if (message.kind === 'call') {
      const { id } = message;
      harness.callTool(message.name, message.args).then(
        (result) => tell({ kind: 'result', id, result }),
        (thrown: unknown) => {
          broken.push(thrown);
          stop();
        },
      );
    }
  });
  harness.signal.addEventListener('abort', stop, { once: true });
  if (harness.signal.aborted) stop();

  // A killed child resets its end of the channel.
  child.on('error', () => {});
  const exit = await child;
  clearTimeout(wall);
  clearTimeout(hardStop);
  harness.signal.removeEventListener('abort', stop);
  if (broken.length > 0) throw broken[0];
  if (end)
    return overtime && end.reason === 'aborted' ? { ...end, reason: 'wall_limit', detail: 'over its wall time' } : end;
  if (overtime) return ledger.end('wall_limit', 'over its wall time and killed');
  if (harness.signal.aborted) return ledger.end('aborted', 'aborted by the harness');
  const said = String(exit.stderr ?? '')
    .trim()
    .split('\n')
    .slice(-8)
    .join(' | ')
    .slice(0, 600);
  return ledger.end(
    'crashed',
    `the session process ended by ${exit.signal ?? `exit code ${exit.exitCode}`}${said ? `: ${said}` : ''}`,
  );
};

/** Node flags of a session process: the network and reading its own code, nothing else. */
export function sandboxFlags(): string[] {
  return [
    '--permission',
    '--allow-net',
    '--disable-warning=ExperimentalWarning',
    '--max-old-space-size=512',
    // The permission model does not cover SQLite files.
    '--no-experimental-sqlite',
    ...readable(),
  ];
}

/** Read access: the code of the session and the packages it imports, also where a folder is a link to another place. */
function readable(): string[] {
  const paths = ['src/agent/', 'src/base/', 'node_modules/', 'package.json'].map((path) => join(ROOT, path));
  const real = paths.filter((path) => existsSync(path)).map((path) => realpathSync(path));
  const folders = real.map((path) => (statSync(path).isDirectory() ? `${path}/` : path));
  return [...new Set([...paths, ...folders])].map((path) => `--allow-fs-read=${path}`);
}
