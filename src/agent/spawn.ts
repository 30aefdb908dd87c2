import { addAbortListener } from 'node:events';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { execaNode } from 'execa';
import { MODULE_ENDING } from '../base/module-ending.ts';
import { networkEnvironment } from '../base/network.ts';
import { PACKAGE_ROOT } from '../base/roots.ts';
import { awakeLimit } from '../base/wait/awake.ts';
import type {
  BlocksStep,
  Capabilities,
  RunSession,
  SessionEnd,
  SessionHarness,
  SessionSpec,
  ToolResult,
  TranscriptEntry,
} from './contract.ts';
import type { ToChild, ToParent } from './ipc.ts';
import { Ledger } from './ledger.ts';

/** How long a session may take to end by itself after it was told to. */
const GRACE_MS = 3000;

/** A session process, started and waiting for its one session. */
interface Waiting {
  readonly child: ReturnType<typeof launch>;
  ready: boolean;
}

/**
 * Runs sessions as `runChildSession` does. Once a model has answered for the first time, the process of the session after it is
 * started, so that its start, most of what a cycle costs beside model and evaluation, is over when it is wanted. `close` ends the one that waits.
 */
export function childSessions(): { readonly run: RunSession; close(): void } {
  let spare: Waiting | undefined;
  let closed = false;
  let learned: Capabilities = {};
  const prepare = () => {
    if (!closed && (spare === undefined || gone(spare))) spare = wait();
  };
  const take = () => {
    const taken = spare !== undefined && !gone(spare) ? spare : wait();
    spare = undefined;
    return taken;
  };
  return {
    run: (spec, harness) =>
      holdIn(
        take(),
        { ...spec, capabilities: { ...spec.capabilities, ...learned } },
        {
          ...harness,
          onEntry: (entry) => {
            if (entry.kind === 'turn') prepare();
            learned = { ...learned, ...learnedFrom(entry) };
            harness.onEntry(entry);
          },
        },
      ),
    close: () => {
      closed = true;
      spare?.child.kill('SIGKILL');
    },
  };
}

/**
 * A session in a fresh process that can reach the network and read its own code, and nothing else: no other file, no
 * environment but proxies and certificates, no child processes. Whatever becomes of the process, the answer is a SessionEnd. Only what `callTool` itself throws, a fault
 * of the harness's own world, is thrown on.
 */
export const runChildSession: RunSession = (spec, harness) => holdIn(wait(), spec, harness);

/** What a session found out about the server; the sessions after it start with it. */
function learnedFrom({ kind, data }: TranscriptEntry): Capabilities | undefined {
  return kind === 'note' ? (data as { learned?: Capabilities } | null)?.learned : undefined;
}

function launch() {
  return execaNode(join(import.meta.dirname, `child${MODULE_ENDING}`), [], {
    nodePath: process.execPath,
    nodeOptions: sandboxFlags(),
    cwd: PACKAGE_ROOT,
    extendEnv: false,
    env: networkEnvironment(process.env),
    ipc: true,
    serialization: 'json',
    reject: false,
    // Ctrl-C reaches the whole terminal group: the harness decides when a session ends, not the keyboard.
    detached: true,
    stdin: 'ignore',
    stdout: 'ignore',
    maxBuffer: 100_000,
  });
}

function wait(): Waiting {
  const waiting: Waiting = { child: launch(), ready: false };
  waiting.child.once('message', (message: ToParent) => {
    waiting.ready = message.kind === 'ready';
  });
  // A killed child resets its end of the channel.
  waiting.child.on('error', () => {});
  return waiting;
}

function gone({ child }: Waiting): boolean {
  return child.exitCode !== null || child.signalCode !== null || !child.connected;
}

const holdIn = async ({ child, ready }: Waiting, spec: SessionSpec, harness: SessionHarness): Promise<SessionEnd> => {
  const ledger = new Ledger(spec, harness.onEntry);
  let end: SessionEnd | undefined;
  let overtime = false;
  const broken: unknown[] = [];
  let hardStop: NodeJS.Timeout | undefined;
  const tell = (message: ToChild) => child.connected && child.send(message, () => {});
  const stop = () => {
    tell({ kind: 'abort' });
    hardStop ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  const wall = awakeLimit(spec.limits.wallMs + GRACE_MS, () => {
    overtime = true;
    stop();
  });

  child.on('message', (message: ToParent) => {
    if (message.kind === 'ready') tell({ kind: 'start', spec });
    if (message.kind === 'entry') ledger.add(message.entry);
    if (message.kind === 'end') end = message.end;
    const fail = (thrown: unknown) => {
      broken.push(thrown);
      stop();
    };
    const answerWith = (work: Promise<ToolResult | BlocksStep | boolean>) => {
      const { id } = message as { id: number };
      work.then((value) => tell({ kind: 'answer', id, value }), fail);
    };
    if (message.kind === 'call') answerWith(harness.callTool(message.name, message.args));
    if (message.kind === 'restart') answerWith(harness.restart?.(message.why) ?? Promise.resolve(false));
    if (message.kind === 'drive')
      answerWith(harness.drive?.(message.answer) ?? Promise.reject(new Error('this task has no blocks wire')));
  });
  using _ = addAbortListener(harness.signal, stop);
  if (ready) tell({ kind: 'start', spec });
  const exit = await child;
  wall.clear();
  clearTimeout(hardStop);
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
    exit.signal === 'SIGKILL' ? 'killed' : 'crashed',
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
  const own = ['src/agent/', 'src/base/', 'package.json'].map((path) => join(PACKAGE_ROOT, path));
  const paths = [...own, ...packageFolders(PACKAGE_ROOT)].filter((path) => existsSync(path));
  const real = paths.map((path) => realpathSync(path));
  const folders = real.map((path) => (statSync(path).isDirectory() ? `${path}/` : path));
  return [...new Set([...paths, ...folders])].map((path) => `--allow-fs-read=${path}`);
}

/** Where Node looks for the packages that a file in `folder` imports: beside it and, for an installed Ralph, further up. */
function packageFolders(folder: string): string[] {
  const up = dirname(folder);
  const here = basename(folder) === 'node_modules' ? `${folder}/` : `${join(folder, 'node_modules')}/`;
  return up === folder ? [here] : [here, ...packageFolders(up)];
}
