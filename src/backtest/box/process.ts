import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import { takesScript } from '../../base/one-script.ts';
import { SPARE_ROWS } from '../view/scratch.ts';

export interface ProcessOptions {
  /** All that the child may read: absolute paths without links. */
  readonly windowFiles: readonly string[];
  readonly limits: { readonly heapMb: number };
}

/**
 * Limits that the kernel keeps, set by the shell that becomes the child: no core dump, no file may grow, at most an hour of
 * processor time, and (Linux) a bound on all private memory, because a heap limit does not bound array buffers. Should
 * memory run out all the same, the kernel is told to take the child before the harness.
 */
const LIMITS = [
  'ulimit -c 0',
  'ulimit -t 3600',
  // Node's threads take their stacks' size from it, and that counts as memory.
  'ulimit -s 8192 2>/dev/null',
  'ulimit -d "$1" 2>/dev/null',
  '{ echo 900 > /proc/self/oom_score_adj; } 2>/dev/null',
  'ulimit -f 0',
  'shift',
  'exec "$@"',
].join('; ');

/** Private memory that Node needs before the first line of a program (thread stacks, code space), in MB. */
const BASE_MB = 700;

/** Memory behind the bars of a file of the first window, which the file's size does not show, in MB. */
const ROOM_MB = (SPARE_ROWS * 6 * 8) / 1e6;

/**
 * Threads that compile beside a child's main thread: one for each other processor, because more would take time from the main thread. Four at most, as
 * Node starts by itself.
 */
const COMPILERS = Math.min(4, Math.max(1, availableParallelism() - 1));

/** Starts Node with an environment without anything of the harness's, no rights but to read the window files, and a channel to this process. */
export function startProcess({ windowFiles, limits }: ProcessOptions) {
  const windowsMb = windowFiles.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6;
  // A surrogate, scaled markets that were made ahead, and twenty indicators over both the true and the altered bars.
  const dataMb = BASE_MB + limits.heapMb + 14 * windowsMb + ROOM_MB * windowFiles.length;
  return execa(
    '/bin/sh',
    [
      ...['-c', LIMITS, 'sh', String(Math.ceil(dataMb * 1024))],
      process.execPath,
      '--permission',
      ...windowFiles.map((path) => `--allow-fs-read=${path}`),
      `--max-old-space-size=${limits.heapMb}`,
      // Most children live for about a second, much of it before its code is compiled. Feedback for the compiler is gathered from the first call
      // on, and code that is not compiled yet may leave more garbage behind before it is collected.
      '--no-lazy-feedback-allocation',
      '--min-semi-space-size=8',
      `--v8-pool-size=${COMPILERS}`,
      // Node's permissions do not bind its SQLite, which would create files.
      '--no-experimental-sqlite',
      '--no-warnings',
      ...['-e', takesScript('box.js')],
    ],
    {
      ipc: true,
      serialization: 'advanced',
      // The one thing it has to know: dates without a zone must mean the same on every machine.
      env: { TZ: 'UTC' },
      extendEnv: false,
      cwd: '/',
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      // Ctrl-C reaches the whole terminal group: it is for the harness, which ends its children when it wants to.
      detached: true,
      killSignal: 'SIGKILL',
    },
  );
}
