import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { SourceFile } from 'typescript/unstable/ast';
import { API, type Diagnostic, type Project } from 'typescript/unstable/async';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { PACKAGE_ROOT } from '../../base/roots.ts';
import { type AwakeLimit, awakeLimit } from '../../base/wait/awake.ts';

/** What the compiler made of one source: its syntax tree and its complaints, positions in UTF-16 units. */
interface Checked {
  readonly file: SourceFile;
  readonly syntax: readonly Diagnostic[];
  readonly types: readonly Diagnostic[];
}

// Files of a folder that does not exist: they live in memory and resolve 'ralph/strategy' as a file of the project would.
const FOLDER = join(PACKAGE_ROOT, '.candidate');
const CONFIG = join(FOLDER, 'tsconfig.json');
const CANDIDATE = join(FOLDER, 'candidate.ts');
/** Types can be written that take for ever to check. */
const WALL_MS = 10_000;
/** Starting and reading the library's types is no candidate's time: a guard against hanging for ever, on the busiest of machines. */
const START_MS = 120_000;
const NOTHING = `import 'ralph/strategy';`;

const tsconfig = JSON.stringify({
  compilerOptions: {
    target: 'esnext',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['esnext'],
    types: [],
    strict: true,
    noImplicitAny: false,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    paths: { 'ralph/strategy': [`../src/strategy/index${MODULE_ENDING === '.ts' ? '.ts' : '.d.ts'}`] },
  },
  files: ['candidate.ts'],
});

interface Server {
  readonly api: API;
  readonly sources: Map<string, string>;
  opened: boolean;
  before?: { dispose(): unknown };
}

/** The types took too long to check: the file's fault, where any other failure is the compiler's. */
export class TypesTooSlow extends Error {}

let server: Server | undefined;
let queue: Promise<unknown> = Promise.resolve();

/**
 * Parses and type-checks one strategy file, one at a time, in a compiler process that stays warm between candidates
 * (the first answer takes about 100 ms, later ones about 5). Throws TypesTooSlow after 10 s awake, and what the compiler failed
 * with when a second one, started for the purpose, fails as well.
 */
export function check(source: string): Promise<Checked> {
  const answer = queue.then(async () => {
    try {
      return await checkNow(source);
    } catch (cause) {
      if (cause instanceof TypesTooSlow) throw cause;
      return checkNow(source);
    }
  });
  queue = answer.catch(() => {});
  return answer;
}

async function checkNow(source: string): Promise<Checked> {
  if (isGone(server?.api)) server = undefined;
  server ??= start();
  if (!server.opened)
    await answerOf(server, NOTHING, START_MS, new Error(`the compiler did not start within ${START_MS / 1000} s`));
  const tooSlow = new TypesTooSlow(`the types take longer than ${WALL_MS / 1000} s to check`);
  return answerOf(server, source, WALL_MS, tooSlow);
}

/** What this compiler says of a source; it is ended where that takes more than `limitMs` of time awake, and where it fails. */
async function answerOf(of: Server, source: string, limitMs: number, tooSlow: Error): Promise<Checked> {
  const { api, sources } = of;
  let limit: AwakeLimit | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = awakeLimit(limitMs, () => reject(tooSlow));
  });
  let ended: (() => void) | undefined;
  try {
    sources.set(CANDIDATE, source);
    const asked = askFor(api, of);
    await started(api, asked);
    const gone = new Promise<never>((_, reject) => {
      ended = () => reject(new Error('the compiler ended'));
      if (isGone(api)) ended();
      processOf(api)?.once('exit', ended);
    });
    hold(api, true);
    return await Promise.race([asked, late, gone]);
  } catch (cause) {
    stop();
    throw cause;
  } finally {
    limit?.clear();
    if (ended) processOf(api)?.off('exit', ended);
    hold(api, false);
  }
}

async function askFor(api: API, of: Server): Promise<Checked> {
  const snapshot = await api.updateSnapshot(
    of.opened ? { fileChanges: { changed: [CANDIDATE] } } : { openProjects: [CONFIG] },
  );
  of.opened = true;
  const { program } = snapshot.getProject(CONFIG) as Project;
  const [syntax, types, file] = await Promise.all([
    program.getSyntacticDiagnostics(CANDIDATE),
    program.getSemanticDiagnostics(CANDIDATE),
    program.getSourceFile(CANDIDATE),
  ]);
  // The tree is read lazily, from the snapshot before the next one: until then both are kept.
  await of.before?.dispose();
  of.before = snapshot;
  if (!file) throw new Error('the compiler lost the strategy file');
  return { file, syntax, types };
}

function start(): Server {
  const sources = new Map([[CONFIG, tsconfig]]);
  const api = new API({
    cwd: PACKAGE_ROOT,
    fs: {
      readFile: (path) => sources.get(path),
      fileExists: (path) => sources.has(path) || undefined,
      directoryExists: (path) => path === FOLDER || undefined,
    },
  });
  return { api, sources, opened: false };
}

/** The client starts its process within the first call, a moment after it. */
async function started(api: API, asked: Promise<unknown>): Promise<void> {
  let over = false;
  const end = () => {
    over = true;
  };
  asked.then(end, end);
  while (!processOf(api) && !over) await new Promise((resolve) => setImmediate(resolve));
  forgiveWrites(processOf(api));
}

const forgiven = new WeakSet<ChildProcess>();

/**
 * A write to a compiler that has died fails, and the client's library throws that where it cannot be caught: it would end the harness.
 * Callers learn of the death from the end of the process, so the failed write is ignored.
 */
function forgiveWrites(child: ChildProcess | undefined): void {
  if (!child?.stdin || forgiven.has(child)) return;
  forgiven.add(child);
  const { stdin } = child;
  const write = stdin.write.bind(stdin) as (
    chunk: unknown,
    encoding: BufferEncoding | undefined,
    done: Done,
  ) => boolean;
  stdin.write = (chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const told = typeof encoding === 'function' ? encoding : done;
    return write(chunk, typeof encoding === 'function' ? undefined : encoding, () => told?.());
  };
}

type Done = (error?: Error | null) => void;

function isGone(api: API | undefined): boolean {
  const child = processOf(api);
  return child !== undefined && (child.exitCode !== null || child.signalCode !== null);
}

function stop(): void {
  processOf(server?.api)?.kill('SIGKILL');
  server = undefined;
}

/** While an answer is awaited the compiler keeps the harness alive; otherwise it must not keep it from ending. */
function hold(api: API, on: boolean): void {
  const child = processOf(api);
  const change = on ? 'ref' : 'unref';
  child?.[change]();
  for (const stream of [child?.stdin, child?.stdout])
    (stream as { ref(): void; unref(): void } | undefined)?.[change]();
}

/** The client keeps its process to itself; a compiler that hangs has to be ended all the same. */
function processOf(api: API | undefined): ChildProcess | undefined {
  return (api as unknown as { client: { process?: ChildProcess } } | undefined)?.client.process;
}
