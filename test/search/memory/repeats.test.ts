import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EventOf, EventType, RunEvent } from '../../../src/journal/events.ts';
import { openObjects, returnsFromBytes } from '../../../src/journal/objects.ts';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { entriesOf } from '../../../src/lab/playback/answers.ts';
import { makeProject, type Project, serve } from '../../../src/lab/project.ts';
import type { Brain, BrainTurn } from '../../../src/lab/server/brain.ts';
import { historyOf } from '../../../src/search/memory/history.ts';
import type { Cycle } from '../../../src/task/task.ts';
import { openTrading } from '../../../src/task/trading/open.ts';
import { lookAlike } from '../../../src/task/trading/trial/probe.ts';
import { submissionsOf } from '../../../src/task/trading/trial/repeats.ts';
import { PLAIN, strategySource } from '../../loop/brains.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
  const gates = join(project.dir, 'config', 'test', 'gates.yaml');
  // No near miss is followed up here: in a patch, likeness with the patched candidate is wanted.
  writeFileSync(gates, readFileSync(gates, 'utf8').replace(/^ {2}patchMargin: .*$/m, '  patchMargin: 0'));
});
after(() => project.remove());

/** What each session submits: the slow period of one crossing after the other, then it finishes. */
const SESSIONS: readonly (readonly number[])[] = [[200], [200, 201, 202, 203], [201, 202, 203, 204, 60]];

const yamlOf = (name: string, slow: number) =>
  `strategy: ${name}.ts\nsymbols: [SIMUSD]\nparams: { fast: 10, slow: ${slow} }\n`;

/** Goes on to its next candidate whatever the backtest said. */
function insister(): Brain {
  let session = -1;
  return ({ messages }) => {
    const done = messages.filter(({ role }) => role === 'tool').length;
    if (done === 0) session += 1;
    const periods = SESSIONS[session];
    const calls: BrainTurn['calls'] = [
      {
        name: 'register_hypothesis',
        args: { family: 'test-family', hypothesis: 'A crossing of two averages pays', refuted_if: 'train sharpe < 1' },
      },
      ...periods.flatMap((slow) => {
        const name = `crossing-${session}-${slow}`;
        return [
          { name: 'write_candidate', args: { name, strategy: strategySource(PLAIN), yaml: yamlOf(name, slow) } },
          { name: 'backtest', args: { name } },
        ];
      }),
      { name: 'finish', args: { summary: 'done' } },
    ];
    return { calls: [calls[Math.min(done, calls.length - 1)]] };
  };
}

const ofType = <T extends EventType>(events: readonly RunEvent[], type: T) =>
  events.filter((event) => event.type === type) as EventOf<T>[];

test('what repeats or trades like an earlier trial is sent back uncharged, a few times a cycle, and journaled', async (t) => {
  const server = await serve(t, insister());
  const run = await project.ralph(['run', '--tag', 'alike', '--cycles', '3', '--config', 'config/test'], {
    RALPH_BASE_URL: server.baseUrl,
  });
  assert.equal(run.exitCode, 0, String(run.all));
  const events = project.events('alike');
  const refused = ofType(events, 'trial.refused');
  assert.deepEqual(
    refused.map(({ cycle, params, like, correlation }) => [cycle, params.slow, like, correlation === null]),
    [
      [2, 200, '0001-1', true],
      [2, 201, '0001-1', false],
      [2, 202, '0001-1', false],
      [2, 203, '0001-1', false],
      [3, 201, '0001-1', false],
      [3, 202, '0001-1', false],
      [3, 203, '0001-1', false],
    ],
  );
  for (const { correlation, seconds = 0 } of refused)
    assert.ok(correlation === null ? seconds === 0 : correlation >= 0.995 && seconds > 0, `${correlation} ${seconds}`);
  // The fourth look-alike of a cycle is charged like anything else; what differs was never stopped.
  const charged = ofType(events, 'trial.started').map(({ trial, params }) => [trial, params.slow]);
  assert.deepEqual(charged, [
    ['0001-1', 200],
    ['0003-1', 204],
    ['0003-2', 60],
  ]);
  const said = entriesOf(readFileSync(join(project.dir, 'runs', 'alike', 'cycles', '0002', 'transcript.jsonl'), 'utf8'))
    .filter(({ kind }) => kind === 'tool')
    .map(({ data }) => JSON.stringify(data))
    .filter((text) => text.includes('trades like'));
  assert.equal(said.length, 3);
  for (const text of said) {
    assert.match(text, /trial 0001-1 \(crossing-0-200\).*correlate (0\.99\d\d|1\.0000).*Nothing was charged/);
    assert.doesNotMatch(text, /sharpe|profit|drawdown|trades \d/i);
  }
  assert.deepEqual((await verifyRun(join(project.dir, 'runs', 'alike'))).problems, []);
  assert.equal(historyOf(events).refused.length, 7);
});

test('likeness is wanted where a candidate is patched or simplified, and only with that candidate', async () => {
  const events = project.events('alike');
  const runDir = join(project.dir, 'runs', 'alike');
  const configDir = join(project.dir, 'config', 'test');
  const trading = await openTrading({ projectDir: project.dir, configDir, runDir });
  const objects = openObjects(runDir);
  const files = { name: 'again', source: strategySource(PLAIN), yaml: yamlOf('again', 201) };
  const submissions = await submissionsOf(files, { family: 'test-family', hypothesis: '' });
  const ask = (kind: string, base: string | null, seen: readonly RunEvent[] = events) => {
    const cycle: Pick<Cycle, 'id' | 'directive' | 'events' | 'returnsOf' | 'whenFree'> = {
      id: 4,
      directive: { kind, base, why: '', family: null, gate: null } as Cycle['directive'],
      events: seen,
      returnsOf: (trial) => {
        const finished = ofType(seen, 'trial.finished').find((event) => event.trial === trial);
        return finished?.returnsSha256 ? returnsFromBytes(objects.get(finished.returnsSha256)) : new Float64Array();
      },
      whenFree: (step) => step(),
    };
    return lookAlike(files, submissions, cycle as Cycle, trading);
  };
  const only = events.filter((event) => !('cycle' in event) || event.cycle === 1);
  assert.equal((await ask('new', null, only))?.like.trial, '0001-1');
  assert.equal(await ask('patch', 'crossing-0-200', only), null);
  assert.equal((await ask('patch', 'another', only))?.like.trial, '0001-1');
  // 204 was charged in cycle 3 and is as near: patching 200 is no leave to repeat it.
  assert.equal((await ask('patch', 'crossing-0-200'))?.like.trial, '0003-1');
  const started = { type: 'segment.started', seq: 10_000, segment: 2 } as unknown as RunEvent;
  assert.equal(await ask('new', null, [...events, started]), null);
});
