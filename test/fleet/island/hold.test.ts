import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { execa } from 'execa';
import type {
  RunSession,
  SessionEnd,
  SessionHarness,
  SessionSpec,
  TranscriptEntry,
} from '../../../src/agent/contract.ts';
import { PACKAGE_ROOT } from '../../../src/base/roots.ts';
import { sessionVersion } from '../../../src/fleet/island/letters.ts';
import { type Islands, openIslands } from '../../../src/fleet/island/run.ts';
import { serveIsland } from '../../../src/fleet/island/serve.ts';
import { islandLines, readIslandState } from '../../../src/fleet/island/state.ts';
import { openServer, type Server } from '../../../src/fleet/server/connect.ts';
import { openWake } from '../../../src/fleet/server/serving.ts';
import { until } from '../../../src/lab/until.ts';
import { noServer, realServer } from '../../market/helpers/real-server.ts';

const runDir = mkdtempSync(join(tmpdir(), 'ralph-islands-'));
const KEY = 'the-key-of-the-island-alone';
let run: Islands;
let base: Server;
const database = realServer(async (ready) => {
  await ready.sql('ralph', 'create role ralph_island nologin', "create user box password 'box' in role ralph_island");
  base = await openServer({ url: ready.url('owner'), role: 'run', connections: 2 });
});
after(async () => {
  await run?.close();
  await base?.close();
  rmSync(runDir, { recursive: true, force: true });
});

const opened = async () => {
  run ??= await openIslands({
    url: database.url('owner'),
    schema: 'ralph',
    runDir,
    model: '',
    stopping: () => false,
  });
  return run;
};

/** An island whose sessions are held by `session`, in this process. */
async function island(session: RunSession, code = sessionVersion(), model = 'small') {
  const wake = openWake();
  const stop = new AbortController();
  const url = database.url('owner').replace('ralph:ralph@', 'box:box@');
  const server = await openServer({ url, role: 'worker', connections: 4, durable: true, onSent: () => wake.now() });
  const serving = serveIsland(server, wake, {
    code,
    version: '0.0.1',
    count: 1,
    run: session,
    restart: async () => false,
    signal: stop.signal,
    endpoint: { baseUrl: 'http://127.0.0.1:9/v1', model, apiKey: KEY },
    capabilities: { window: 4096 },
  });
  const end = async () => {
    stop.abort();
    await serving;
    await server.close();
  };
  return { end, server };
}

const specOf = (number: number): SessionSpec => ({
  id: `btc-1-${number}`,
  number,
  system: 'rules',
  task: 'brief \u0000 \u2028',
  tools: [],
  endpoint: { baseUrl: 'http://run:8000/v1', model: 'small', apiKey: 'the-key-of-the-run' },
  sampling: { temperature: 1, topP: 1, maxTokens: 10, thinking: false },
  limits: { turns: 5, tokens: 1000, wallMs: 60_000, idleMs: 1000, contextTokens: 4096 },
});
const ended: SessionEnd = {
  reason: 'finished',
  detail: 'done',
  turns: 1,
  toolCalls: 1,
  promptTokens: 7,
  completionTokens: 3,
  prefixShare: 0,
  classes: {},
  seconds: 1,
};
/** What the run lends a session, and what it heard. */
function harness(signal = new AbortController().signal) {
  const entries: TranscriptEntry[] = [];
  const calls: string[] = [];
  const lent: SessionHarness = {
    callTool: async (name, args) => {
      calls.push(`${name} ${JSON.stringify(args)}`);
      return { ok: true, content: `${name} ran` };
    },
    drive: async (answer) => ({ ran: [], remark: answer, ask: null, attempt: 0, answerTokens: 1 }),
    onEntry: (entry) => entries.push(entry),
    signal,
  };
  return { ...lent, entries, calls };
}
/** Whether an island has taken a session. */
const taken = async () =>
  (await base.pool.query("select from ralph_queue.job where name like 'sessions-%' and state = 'active'")).rows.length >
  0;
const silent: RunSession = (_, { signal }) =>
  new Promise((done) => signal.addEventListener('abort', () => done({ ...ended, reason: 'aborted' })));

test('a session at an island calls its tools here, in order, and asks its own model with its own key', {
  skip: noServer,
}, async () => {
  const seen: SessionSpec[] = [];
  const { end, server } = await island(async (spec, { callTool, drive, onEntry }) => {
    seen.push(spec);
    for (let k = 0; k < 20; k++) onEntry({ at: k, kind: 'note', data: k });
    const first = await callTool('backtest', { name: 'a' });
    const step = await drive!(first.content);
    onEntry({ at: 20, kind: 'note', data: step.remark });
    return ended;
  });
  const lent = harness();
  const { run, capabilities } = await opened();
  assert.deepEqual(capabilities, { model: 'small', window: 4096 });
  assert.deepEqual(await run(specOf(1), lent), ended);
  assert.deepEqual(lent.calls, ['backtest {"name":"a"}']);
  assert.deepEqual(
    lent.entries.map(({ at }) => at),
    Array.from({ length: 21 }, (_, k) => k),
  );
  assert.equal(lent.entries[20].data, 'backtest ran');
  assert.deepEqual(seen, [
    {
      ...specOf(1),
      endpoint: { baseUrl: 'http://127.0.0.1:9/v1', model: 'small', apiKey: KEY },
      capabilities: { window: 4096 },
    },
  ]);
  for (const statement of [
    'select from ralph_fleet.answers',
    'select from ralph_fleet.candidates',
    'select from ralph_fleet.windows',
    'delete from ralph_fleet.talks',
  ])
    await assert.rejects(server.pool.query(statement), { code: '42501' }, statement);
  await end();
  const { rows } = await base.pool.query('select count(*)::int as n from ralph_fleet.letters');
  assert.deepEqual(rows, [{ n: 0 }]);
});

test('cycles go to islands by number, busy or idle; one of other code or another model gets none', {
  skip: noServer,
}, async () => {
  const held: string[] = [];
  const named =
    (name: string): RunSession =>
    async ({ number }) => {
      held.push(`${name} ${number}`);
      return ended;
    };
  const islands = [
    await island(named('a')),
    await island(named('b')),
    await island(named('old'), 'c'.repeat(64)),
    await island(named('large'), sessionVersion(), 'large'),
  ];
  const { run } = await opened();
  await until('all are seen', () => readIslandState(runDir)?.islands.length === 4);
  for (const number of [1, 2, 3, 4, 6, 8]) await run(specOf(number), harness());
  const [odd, even] = [held[0], held[1]].map((each) => each.split(' ')[0]);
  assert.deepEqual([odd, even].toSorted(), ['a', 'b']);
  assert.deepEqual(held, [`${odd} 1`, `${even} 2`, `${odd} 3`, `${even} 4`, `${even} 6`, `${even} 8`]);
  const lines = islandLines(readIslandState(runDir)!);
  assert.equal(lines.filter((line) => line.includes('it holds no session of this run')).length, 2, lines.join('\n'));
  await Promise.all(islands.map(({ end }) => end()));
});

test('an island that ends gives its session up at once; one that lost its lease is not heard any more', {
  skip: noServer,
}, async () => {
  const { run } = await opened();
  const first = await island(silent);
  const left = run(specOf(1), harness());
  await until('it is held', taken);
  const from = performance.now();
  await first.end();
  const { reason, detail } = await left;
  assert.deepEqual([reason, /the island .* (was )?ended/.test(detail)], ['crashed', true], detail);
  assert.ok(performance.now() - from < 5_000);

  const late: boolean[] = [];
  const second = await island(async (_, { callTool, signal }) => {
    // As after a pause that was longer than its lease.
    await new Promise((done) => signal.addEventListener('abort', done));
    void callTool('backtest', {}).then(() => late.push(true));
    return ended;
  });
  const lent = harness();
  const lost = run(specOf(2), lent);
  await until('it is held', taken);
  await base.pool.query(
    "update ralph_queue.job set state = 'failed' where name like 'sessions-%' and state = 'active'",
  );
  const end = await lost;
  assert.deepEqual([end.reason, /was silent for too long/.test(end.detail)], ['crashed', true], end.detail);
  await until('the island sees it', () => readIslandState(runDir)?.islands.some(({ lost }) => lost === 1) ?? false);
  assert.deepEqual([lent.calls, late], [[], []]);
  await second.end();
});

test('a run that ends a session is obeyed, and what its own tools throw ends it too', { skip: noServer }, async () => {
  const { run } = await opened();
  const { end } = await island((spec, harness) =>
    spec.number === 3 ? silent(spec, harness) : harness.callTool('backtest', {}).then(() => ended),
  );
  const abort = new AbortController();
  const aborted = run(specOf(3), harness(abort.signal));
  await until('it is held', taken);
  abort.abort();
  assert.equal((await aborted).reason, 'aborted');
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  await assert.rejects(run(specOf(4), { ...harness(), callTool: () => Promise.reject(full) }), full);
  await end();
  assert.ok(!readFileSync(join(runDir, 'islands.json'), 'utf8').includes(KEY));
});

test('an island that writes what is no letter loses the session, and nothing after it is heard', {
  skip: noServer,
}, async (t) => {
  const { end, server } = await island(silent);
  t.after(end);
  const { run } = await opened();
  const letter = (value: unknown) => zstdCompressSync(JSON.stringify(value));
  const call = letter({ kind: 'call', id: 1, name: 'backtest', args: {} });
  for (const bad of [Buffer.from('no letter'), letter({ kind: 'end', end: { ...ended, turns: '1' } })]) {
    const lent = harness();
    const held = run(specOf(1), lent);
    await until('it is held', taken);
    await server.pool.query(
      `insert into ralph_fleet.letters select talk, 'island', seq, body
         from ralph_fleet.talks, unnest($1::int[], $2::bytea[]) as sent (seq, body)`,
      [
        [1, 2],
        [bad, call],
      ],
    );
    const { reason, detail } = await held;
    assert.equal(reason, 'crashed');
    assert.match(detail, /sent a letter that this run cannot read/);
    assert.deepEqual([lent.calls, lent.entries.map(({ kind }) => kind)], [[], ['end']]);
  }
});

test('a run that is stopped while it waits for its first island ends', { skip: noServer }, async () => {
  const source = `
    import { openIslands } from './src/fleet/island/run.ts';
    const given = ${JSON.stringify({ url: database.url('owner'), schema: 'ralph', runDir, model: 'none' })};
    await openIslands({ ...given, stopping: () => true }).catch(({ message }) => console.log(message));`;
  const { stdout, timedOut } = await execa(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: PACKAGE_ROOT,
    timeout: 60_000,
    reject: false,
  });
  assert.equal(timedOut, false);
  assert.match(stdout, /stopped while it waited for an island/);
});
