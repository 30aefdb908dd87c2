import { addAbortListener } from 'node:events';
import { join } from 'node:path';
import { execa } from 'execa';
import { MODULE_ENDING } from '../base/module-ending.ts';
import { networkEnvironment } from '../base/network.ts';
import { oneScript, type Program, takesScript } from '../base/one-script.ts';
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
  const prepare = (script: string) => {
    if (!closed && (spare === undefined || gone(spare))) spare = wait(script);
  };
  const take = (script: string) => {
    const taken = spare !== undefined && !gone(spare) ? spare : wait(script);
    spare = undefined;
    return taken;
  };
  return {
    run: async (spec, harness) => {
      const script = await sessionScript();
      return holdIn(
        take(script),
        { ...spec, capabilities: { ...spec.capabilities, ...learned } },
        {
          ...harness,
          onEntry: (entry) => {
            if (entry.kind === 'turn') prepare(script);
            learned = { ...learned, ...learnedFrom(entry) };
            harness.onEntry(entry);
          },
        },
      );
    },
    close: () => {
      closed = true;
      spare?.child.kill('SIGKILL');
    },
  };
}

/**
 * A session in a fresh process that can reach the network and nothing else: no file, no environment but proxies and certificates, no
 * child processes. Whatever becomes of the process, the answer is a SessionEnd. Only what `callTool` itself throws, a fault of the
 * harness's own world, is thrown on.
 */
export const runChildSession: RunSession = async (spec, harness) => holdIn(wait(await sessionScript()), spec, harness);

const sessionScript = () => oneScript(join(import.meta.dirname, `child${MODULE_ENDING}`));

/** What a session found out about the server; the sessions after it start with it. */
function learnedFrom({ kind, data }: TranscriptEntry): Capabilities | undefined {
  return kind === 'note' ? (data as { learned?: Capabilities } | null)?.learned : undefined;
}

function launch(script: string) {
  const child = execa(process.execPath, [...sandboxFlags(), '-e', takesScript('session.js')], {
    cwd: '/',
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
  // A killed child resets its end of the channel.
  child.on('error', () => {});
  child.send({ text: script } satisfies Program, () => {});
  return child;
}

function wait(script: string): Waiting {
  const waiting: Waiting = { child: launch(script), ready: false };
  waiting.child.once('message', (message: ToParent) => {
    waiting.ready = message.kind === 'ready';
  });
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

/** Node flags of a session process: the network and nothing else. */
export function sandboxFlags(): string[] {
  return [
    '--permission',
    '--allow-net',
    '--disable-warning=ExperimentalWarning',
    '--max-old-space-size=512',
    // The permission model does not cover SQLite files.
    '--no-experimental-sqlite',
  ];
}
