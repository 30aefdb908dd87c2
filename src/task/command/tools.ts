import { posix } from 'node:path';
import type { ToolResult } from '../../agent/contract.ts';
import { openObjects } from '../../journal/objects.ts';
import { duplicateOf } from '../../search/memory/duplicates.ts';
import type { Cycle, TaskTool } from '../task.ts';
import { registered } from '../tools/hypothesis.ts';
import { answer, refuse, text, texts } from '../tools/tool.ts';
import { inside } from './contract/paths.ts';
import { draftOf, keepDraft, textOf } from './draft.ts';
import { bestOf } from './ratchet/best.ts';
import type { Bench } from './run/bench.ts';
import { changeHash, parents } from './run/tree.ts';

/** Characters of one answer. */
const MOST_READ = 24_000;
const MOST_FILE = 400_000;
const MOST_PATH = 200;
const MOST_LISTED = 200;

/** What a session can do with the project's files. Nothing but these tools writes. */
export function projectTools(bench: () => Bench): TaskTool[] {
  return [
    {
      name: 'list_files',
      description: 'Lists the files that you may change, and how many others you may read.',
      parameters: texts({}),
      run: async (_, cycle) => answer(listed(bench(), cycle)),
    },
    {
      name: 'read_file',
      description: 'Reads one file as your draft has it. Measuring code and tests can be read too.',
      parameters: texts({ path: 'Path as list_files prints it.', from_line: 'First line, 1 unless told.' }, ['path']),
      run: async (args, cycle) => readFile(bench(), cycle, text(args, 'path'), Number(text(args, 'from_line')) || 1),
    },
    {
      name: 'edit_file',
      description: 'Replaces one passage of a file in your draft. `find` must stand there exactly once.',
      parameters: texts({ path: 'The file.', find: 'The passage as it is.', replace: 'What takes its place.' }),
      run: async (args, cycle) => editFile(bench(), cycle, args),
    },
    {
      name: 'write_file',
      description: 'Writes one whole file of your draft.',
      parameters: texts({ path: 'The file; it may be new.', content: 'All of it.' }),
      run: async (args, cycle) => {
        const content = typeof args.content === 'string' ? args.content : '';
        return write(bench(), cycle, text(args, 'path'), content);
      },
    },
    {
      name: 'measure',
      description: 'Measures your draft against the best so far. Spends one trial.',
      parameters: texts({}),
      run: async (_, cycle, signal) => measureDraft(bench(), cycle, signal),
    },
  ];
}

function listed(bench: Bench, cycle: Cycle): string {
  const draft = draftOf(cycle);
  const editable = [...new Set([...bench.editable, ...Object.keys(draft)])].sort();
  const others = [...bench.tracked.keys()].filter((path) => bench.mayRead(path) && !editable.includes(path));
  const line = (path: string) => `${path} (${textOf(bench, draft, path)?.split('\n').length ?? 0} lines)`;
  return [
    'You may change:',
    ...editable.slice(0, MOST_LISTED).map(line),
    'You may read:',
    ...others.slice(0, MOST_LISTED),
    ...(editable.length + others.length > 2 * MOST_LISTED ? ['(more are there)'] : []),
  ].join('\n');
}

function readFile(bench: Bench, cycle: Cycle, path: string, from: number): ToolResult {
  const content = bench.mayRead(path) || bench.mayEdit(path) ? textOf(bench, draftOf(cycle), path) : undefined;
  if (content === undefined) return refuse(`There is no readable file ${path}. list_files names them.`);
  const rest = content
    .split('\n')
    .slice(Math.max(0, from - 1))
    .join('\n');
  if (rest.length <= MOST_READ) return answer(rest);
  const part = rest.slice(0, MOST_READ);
  return answer(`${part}\n(cut; go on with from_line ${from + part.split('\n').length - 1})`);
}

function editFile(bench: Bench, cycle: Cycle, args: Readonly<Record<string, unknown>>): ToolResult {
  const path = text(args, 'path');
  const [find, replace] = [args.find, args.replace].map((value) => (typeof value === 'string' ? value : ''));
  const content = bench.mayEdit(path) ? textOf(bench, draftOf(cycle), path) : undefined;
  if (content === undefined) return write(bench, cycle, path, null);
  const count = find === '' ? 0 : content.split(find).length - 1;
  if (count !== 1)
    return refuse(`find stands in ${path} ${count} times; it must stand there exactly once. read_file shows it.`);
  const edited = content.replace(find, () => replace);
  return write(bench, cycle, path, edited);
}

/** Writes into the draft; `content` null: there is no such file to edit. */
function write(bench: Bench, cycle: Cycle, given: string, content: string | null): ToolResult {
  const path = posix.normalize(given).replace(/\/$/, '');
  if (given === '' || !inside(given) || !bench.mayEdit(path)) {
    const read = bench.tracked.has(path) ? 'is read-only' : 'is not among the files that you may change';
    return refuse(`${given || 'path'} ${read}. You may change: ${bench.editable.slice(0, 20).join(', ')}.`);
  }
  if (content === null) return refuse(`There is no file ${path} yet. Use write_file.`);
  const draft = draftOf(cycle);
  if (Object.keys(draft).some((other) => parents(other).includes(path) || parents(path).includes(other)))
    return refuse(`${path} cannot be a file and a folder at once: your draft has a file above or below it.`);
  if (Buffer.byteLength(path) > MOST_PATH) return refuse(`A path has at most ${MOST_PATH} bytes.`);
  if (content.length > MOST_FILE) return refuse(`${path} would be longer than ${MOST_FILE} characters.`);
  keepDraft(cycle, { ...draft, [path]: content });
  return answer(`Wrote ${path}: ${content.split('\n').length} lines. Call measure when the change is whole.`);
}

async function measureDraft(bench: Bench, cycle: Cycle, signal?: AbortSignal): Promise<ToolResult> {
  const hypothesis = registered(cycle);
  if (!hypothesis) return refuse('Register a hypothesis first: call register_hypothesis.');
  const draft = draftOf(cycle);
  // What was changed back is no change.
  const files = Object.fromEntries(
    Object.entries(draft).filter(([path, content]) => !bench.tracked.has(path) || bench.text(path) !== content),
  );
  const fingerprint = changeHash(files);
  const best = bestOf(cycle.events, openObjects(cycle.runDir));
  if (fingerprint === changeHash(best.changed)) return refuse('Nothing is changed yet: edit a file first.');
  const change = { files, params: {}, fingerprint };
  const like = duplicateOf(change, cycle.events);
  if (like) return refuse(`This is what trial ${like} measured already. Change something else.`);
  if (cycle.trialsLeft() < 1) return refuse('No trial is left. Call finish.');
  const candidate = `${hypothesis.family}-${fingerprint.slice(0, 4)}`;
  const [trial] = await cycle.runTrials([{ candidate, ...hypothesis, ...change }], signal);
  const { outcome, gates } = trial.evaluation;
  const next = outcome === 'keep' ? ' Your draft is the best now.' : '';
  return answer([`${trial.trial} ${outcome.toUpperCase()}.${next}`, ...gates.map(({ message }) => message)].join('\n'));
}
