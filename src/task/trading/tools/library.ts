import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFile } from '../../../base/roots.ts';
import type { RunEvent } from '../../../journal/events.ts';
import { openObjects } from '../../../journal/objects.ts';
import { answer, type RunTool, refuse, text } from '../../tools/tool.ts';
import type { Trading } from '../context.ts';

/** The shipped examples, a line each: name, family, hypothesis. */
export const listLibrary: RunTool<Trading> = (_args, cycle, { projectDir }) => {
  const lines = SHELVES.flatMap((shelf) =>
    sourcesOf(projectDir, shelf).map(
      ({ name, source }) => `${shelf}/${name} [${literal(source, 'family')}] ${literal(source, 'hypothesis')}`,
    ),
  );
  const own = [
    ...new Set(ownTrials(cycle.events).map(({ candidate, family }) => `own/${candidate}.ts [${family}]`)),
  ].slice(-20);
  return answer([...lines, ...own].join('\n'));
};

/** A file of the library or of an earlier candidate of this run; nothing else can be read. */
export const readLibraryFile: RunTool<Trading> = (args, cycle, { projectDir, runDir }) => {
  const path = text(args, 'path');
  const [, place, name] = /^(library|universe|own)\/([a-z0-9][a-z0-9-]*\.(?:ts|yaml))$/.exec(path) ?? [];
  if (!name)
    return refuse(
      `"${path}" is not a library file. Use a path that list_library printed, such as library/ema-cross.ts or its .yaml.`,
    );
  if (place !== 'own') {
    const file = join(projectFile(projectDir, 'strategies', place), name);
    return existsSync(file) ? answer(readFileSync(file, 'utf8')) : refuse(`There is no ${path}. Call list_library.`);
  }
  const trial = ownTrials(cycle.events).findLast(({ files }) => name in files);
  return trial
    ? answer(openObjects(runDir).get(trial.files[name]).toString('utf8'))
    : refuse(`No earlier candidate has a file ${name}. Call list_library.`);
};

/**
 * The families of the shipped library that a search may try: baselines and templates are there to compare with and to copy from, and a
 * universe needs several symbols.
 */
export function libraryFamilies(projectDir: string, symbols = 1): string[] {
  const shelves = symbols > 1 ? SHELVES : SHELVES.slice(0, 1);
  const sources = shelves.flatMap((shelf) => sourcesOf(projectDir, shelf));
  return [...new Set(sources.map(({ source }) => literal(source, 'family')))]
    .filter((family) => !/^(?:baseline|template)-/.test(family))
    .sort();
}

/** Folders of shipped strategies: of one symbol, and of several at once. */
const SHELVES = ['library', 'universe'] as const;

/** The strategies of a shelf, in the order of their names. */
export function sourcesOf(projectDir: string, shelf: (typeof SHELVES)[number]): { name: string; source: string }[] {
  const folder = projectFile(projectDir, 'strategies', shelf);
  // A project of its own may have the first alone.
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  return names.sort().map((name) => ({ name, source: readFileSync(join(folder, name), 'utf8') }));
}

function ownTrials(events: readonly RunEvent[]) {
  return events.filter((event) => event.type === 'trial.started');
}

/** The text of `key` in a strategy file of the library. */
export function literal(source: string, key: string): string {
  return new RegExp(`${key}:\\s*(['"\`])([\\s\\S]*?)\\1`).exec(source)?.[2] ?? '?';
}
