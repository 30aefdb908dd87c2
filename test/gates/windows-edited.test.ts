import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EventOf, RunEvent } from '../../src/journal/events.ts';
import { makeProject, type Project, serve } from '../../src/lab/project.ts';
import type { Brain } from '../../src/lab/server/brain.ts';
import { PLAIN, strategySource, writer } from '../loop/brains.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

const plain = () => writer([strategySource(PLAIN)]);
const of = <T extends RunEvent['type']>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is EventOf<T> => event.type === type);

/** Moves the first day of the train window by some days; what else the file says stays. */
function moveTrain(): void {
  const path = join(project.dir, 'config/test/windows.yaml');
  const text = readFileSync(path, 'utf8');
  const edited = text.replace(/train: \{ from: (\d+-\d+-\d+)/, (_, day: string) => {
    const later = new Date(Date.parse(day) + 5 * 86_400_000).toISOString().slice(0, 10);
    return `train: { from: ${later}`;
  });
  assert.notEqual(edited, text);
  writeFileSync(path, edited);
}

async function run(brain: Brain, tag: string, cycles: number, t: Parameters<typeof serve>[0]): Promise<string> {
  const server = await serve(t, brain);
  const args = ['run', '--tag', tag, '--cycles', String(cycles), '--config', 'config/test'];
  const { exitCode, all } = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
  assert.equal(exitCode, 0, String(all));
  return String(all);
}

test('windows.yaml edited while a run is on: the run keeps its windows, the next start is a new segment, nothing is mixed', async (t) => {
  await run(plain(), 'untouched', 2, t);
  const untouched = of(project.events('untouched'), 'trial.finished');

  // The second session has just begun when the file is edited: one trial lies before the edit, one after it.
  const model = plain();
  let sessions = 0;
  await run(
    (request) => {
      if (!request.messages.some(({ role }) => role === 'tool') && ++sessions === 2) moveTrain();
      return model(request);
    },
    'edited',
    2,
    t,
  );
  const first = project.events('edited');
  assert.ok(sessions >= 2, 'the file was edited');
  assert.deepEqual(of(first, 'segment.started'), []);
  const fingerprints = of(first, 'trial.finished').map(({ equityFingerprint }) => equityFingerprint);
  assert.equal(new Set(fingerprints).size, 2);
  assert.deepEqual(
    fingerprints,
    untouched.map(({ equityFingerprint }) => equityFingerprint),
    'the trials after the edit are those of the windows that the run began with',
  );

  // The same model from its beginning: its first candidate is the very one that segment 1 tried first.
  const said = await run(plain(), 'edited', 3, t);
  assert.match(said, /changed since the last start: segment 2 begins/);
  const events = project.events('edited');
  const [began] = of(events, 'run.started');
  const [segment] = of(events, 'segment.started');
  assert.equal(segment.segment, 2);
  assert.ok(segment.changed.includes('data'), `${segment.changed}`);
  assert.notEqual(segment.provenance.data, began.provenance.data);
  assert.deepEqual(events.slice(0, first.length), first, 'what segment 1 wrote stays as it was');

  const [again] = of(events, 'trial.finished').slice(2);
  assert.equal(again.duplicateOf, null, 'a trial on other data repeats none of segment 1');
  assert.ok(again.equityFingerprint && !fingerprints.includes(again.equityFingerprint));
  const told = again.gates.map(({ message }) => message).join('; ');
  assert.doesNotMatch(told, /trial \d{4}-\d|same equity curve/, 'no trial of segment 1 is held against it');
  const [{ n }] = of(events, 'trial.started').slice(2);
  const before = untouched.length + first.filter(({ type }) => type === 'trial.started').length;
  assert.equal(n, before + 1, 'other windows do not make the search shorter: N counts every run on these bars');
  const { stdout } = await project.ralph(['verify', '--tag', 'edited', '--json']);
  const verified = JSON.parse(String(stdout)) as { problems: unknown[]; trials: number };
  assert.deepEqual([verified.problems, verified.trials], [[], 3]);
});
