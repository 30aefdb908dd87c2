import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../../journal/events.ts';
import { makeLightProject, measurer } from '../failpoints/project.ts';
import { makeProject } from '../project.ts';
import { scriptedResearcher } from '../scripted/researcher.ts';
import type { Brain } from '../server/brain.ts';

/** What a soak searches: a copy of this project with a task of its own. */
export interface Subject {
  readonly dir: string;
  /** Its config folder, within `dir`. */
  readonly config: string;
  /** The folder of its embedded database; null where it has none. */
  readonly database: string | null;
  /** Where its spending is counted; null where it is not. */
  readonly ledger: string | null;
  readonly brain: Brain;
  events(tag: string): RunEvent[];
  remove(): void;
}

/** Short waits, so that faults cost the soak seconds and not minutes. */
const SHORT = [
  [/idleSeconds: [\d.]+/, 'idleSeconds: 4'],
  [/^faultBackoff:.*$/m, 'faultBackoff: { firstSeconds: 0.2, mostSeconds: 2 }'],
  [/ faults: \d+/, ' faults: 40'],
] as const;

/** The trading task on half a year of a simulated market in an embedded TimescaleDB. */
export async function tradingSubject(seed: number): Promise<Subject> {
  const project = await makeProject();
  const config = join(project.dir, 'config', 'soak');
  cpSync(join(project.dir, 'config', 'test'), config, { recursive: true });
  edit(join(config, 'ralph.yaml'), [...SHORT, [/^task:/m, 'publishSeconds: 15\ntask:']]);
  edit(join(config, 'gates.yaml'), [
    [/^ {2}seconds: \d+$/m, '  seconds: 60'],
    [/^ {2}heapMb: \d+$/m, '  heapMb: 512'],
  ]);
  return {
    dir: project.dir,
    config: 'config/soak',
    database: join(project.dir, '.data', 'demo', 'db'),
    ledger: join(project.dir, '.data', 'demo', 'ledger.sqlite'),
    brain: scriptedResearcher(seed),
    events: (tag) => project.events(tag),
    remove: () => project.remove(),
  };
}

/** A small command in place of an evaluation: a cycle takes a fraction of a second. */
export async function lightSubject(): Promise<Subject> {
  const project = await makeLightProject();
  edit(join(project.dir, 'config', 'light', 'ralph.yaml'), SHORT);
  return {
    dir: project.dir,
    config: 'config/light',
    database: null,
    ledger: null,
    brain: measurer(),
    events: (tag) => project.events(tag),
    remove: () => project.remove(),
  };
}

function edit(path: string, changes: readonly (readonly [RegExp, string])[]): void {
  let text = readFileSync(path, 'utf8');
  for (const [from, to] of changes) {
    if (!from.test(text)) throw new Error(`${path} has nothing like ${from}: expected the demo's settings`);
    text = text.replace(from, to);
  }
  writeFileSync(path, text);
}
