import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { type CandidateBody, homeOf, type Job, jobId, queueOf } from '../../../src/fleet/job.ts';
import { type Dispatch, openDispatch } from '../../../src/fleet/run/dispatch.ts';
import { tally } from '../../../src/fleet/run/state.ts';
import { openServer, type Server } from '../../../src/fleet/server/connect.ts';
import { answerJob, failJob, giveBack, holdLease, type Lease, takeJobs } from '../../../src/fleet/worker/lease.ts';
import { lookAtRuns } from '../../../src/fleet/worker/serve.ts';
import { until } from '../../../src/lab/until.ts';
import { noServer, realServer } from '../../market/helpers/real-server.ts';

const ENGINE = 'e'.repeat(64);
const QUEUE = queueOf(ENGINE);
let run: Server;
let worker: Server;
let dispatch: Dispatch;
const database = realServer(async (ready) => {
  const url = ready.url('owner');
  run = await openServer({ url, role: 'run', connections: 4 });
  worker = await openServer({ url, role: 'worker', connections: 3 });
  dispatch = await openDispatch(run, { engine: ENGINE, counts: tally(), beat: async () => {}, onBeat: () => {} });
});
after(async () => {
  await dispatch?.close();
  await worker?.close();
  await run?.close();
});

let number = 0;
/** A job that no other case asks. */
const job = (): Job => ({
  candidate: 'c'.repeat(64),
  kind: 'train',
  calls: [{ kind: 'allowed', points: [{ number: number++ }] }],
});
const yes = [{ ok: true, value: [true] }] as const;
const no = [{ ok: true, value: [false] }] as const;
/** The next job of the first of the queues that has one. */
const taken = async (queues = [QUEUE], by = worker): Promise<Lease> => {
  let lease: Lease | undefined;
  await until('a job is there', async () => {
    for (const queue of queues) lease ??= (await takeJobs(by, queue, 1))[0];
    return lease !== undefined;
  });
  return lease!;
};
/** As pg-boss does when a worker was silent for too long. */
const loseLease = ({ id }: Lease) => run.boss.fail(QUEUE, id, { value: { message: 'job heartbeat timeout' } });
const stored = async (id: string) =>
  (await run.pool.query('select host from ralph_fleet.answers where job = $1', [id])).rows.map(({ host }) => host);

test('an answer after the lease was lost is ignored, and the one that holds the lease is taken once', {
  skip: noServer,
}, async () => {
  const asked = dispatch.ask(job(), 'lane');
  const first = await taken();
  await loseLease(first);
  assert.equal(await holdLease(worker, first), false);
  assert.equal(await answerJob(worker, first, 'slow', no, 1), false);
  const second = await taken();
  assert.deepEqual([second.id, second.retryCount], [first.id, 1]);
  assert.equal(await answerJob(worker, first, 'slow', no, 1), false, 'also while another holds it');
  assert.equal(await holdLease(worker, second), true);
  assert.equal(await answerJob(worker, second, 'quick', yes, 1), true);
  assert.deepEqual(await asked, yes);
  assert.equal(await answerJob(worker, second, 'quick', yes, 1), false, 'nor twice by the same');
  assert.deepEqual(await stored(first.id), ['quick']);
});

test('the same job asked twice is one job, also by a run that was killed and started again', {
  skip: noServer,
}, async () => {
  const same = job();
  const [a, b] = [dispatch.ask(same, 'lane'), dispatch.ask(same, 'lane')];
  const lease = await taken();
  assert.equal(lease.id, jobId(ENGINE, same));
  assert.deepEqual(await takeJobs(worker, QUEUE, 1), []);
  // Whoever starts again asks while it is under way, or when it is answered.
  const again = await openDispatch(run, { engine: ENGINE, counts: tally(), beat: async () => {}, onBeat: () => {} });
  const c = again.ask(same, 'lane');
  await answerJob(worker, lease, 'host', yes, 1);
  assert.deepEqual(await Promise.all([a, b, c]), [yes, yes, yes]);
  assert.deepEqual(await again.ask(same, 'lane'), yes);
  await again.close();
});

test('a job that three workers were lost over is answered as a crash; one given back by hand is as new', {
  skip: noServer,
}, async () => {
  const asked = dispatch.ask(job(), 'lane');
  for (let k = 0; k < 5; k++) await giveBack(worker, await taken(), QUEUE);
  for (let k = 0; k < 3; k++) {
    const lease = await taken();
    assert.equal(lease.retryCount, k);
    await loseLease(lease);
  }
  const [answer] = await asked;
  assert.ok(!answer.ok && answer.kind === 'protocol');
  assert.match(answer.message, /^3 workers were lost/);
});

test('what no host can do is a fault of the world, with the reason of the last one', { skip: noServer }, async () => {
  const asked = dispatch.ask(job(), 'lane');
  asked.catch(() => {});
  for (let k = 0; k < 3; k++) await failJob(worker, await taken(), 'box-2: no space left on device');
  await assert.rejects(asked, (thrown: Error) => {
    assert.match(thrown.message, /no space left on device/);
    return (thrown.cause as { code?: string }).code === 'EAGAIN';
  });
});

test('a job or an answer that vanished is asked again, a changed answer likewise', { skip: noServer }, async () => {
  const asked = dispatch.ask(job(), 'lane');
  const lost = await taken();
  await run.pool.query('delete from ralph_queue.job where id = $1', [lost.id]);
  const bent = await taken();
  assert.equal(bent.id, lost.id);
  const client = await run.pool.connect();
  // The answer arrives with one byte changed.
  await client.query(
    `create function pg_temp.bend() returns trigger language plpgsql as $$ begin
       new.bytes = set_byte(new.bytes, 5, get_byte(new.bytes, 5) # 1); return new; end $$`,
  );
  await client.query(
    'create trigger bend before insert on ralph_fleet.answers for each row execute function pg_temp.bend()',
  );
  await answerJob(worker, bent, randomUUID(), yes, 1);
  await client.query('drop trigger bend on ralph_fleet.answers');
  client.release();
  const sound = await taken();
  assert.equal(sound.id, lost.id);
  await answerJob(worker, sound, randomUUID(), yes, 1);
  assert.deepEqual(await asked, yes);
});

test('a job whose worker died with the candidate open goes to the others', { skip: noServer }, async () => {
  const host = randomUUID();
  const home = homeOf(ENGINE, host);
  await worker.boss.createQueue(home, { retryLimit: 2, retryDelay: 0 });
  const beat = `insert into ralph_fleet.hosts values ($1, 'box-a:1', $2, '0.1.0', 1, 0, 0, 0, 0, 0, now(), now())
    on conflict (host) do update set beat = now()`;
  await run.pool.query(beat, [host, ENGINE]);
  // Asked until the run has seen the worker and sends to it what follows. Jobs of earlier cases may still come.
  const asked = new Map<string, ReturnType<Dispatch['ask']>>();
  const own: Lease[] = [];
  await until('a job is sent to the worker', async () => {
    await run.pool.query(beat, [host, ENGINE]);
    const one = job();
    asked.set(jobId(ENGINE, one), dispatch.ask(one, 'open'));
    const lease = await taken([QUEUE, home]);
    if (lease.queue === home) own.push(lease);
    else await answerJob(worker, lease, host, yes, 1);
    return own.length > 0;
  });
  const [lost] = own;
  await run.boss.fail(home, lost.id, { value: { message: 'job heartbeat timeout' } });
  let moved: Lease;
  do moved = await taken();
  while (moved.id !== lost.id);
  assert.equal(moved.retryCount, 1);
  await answerJob(worker, moved, randomUUID(), yes, 1);
  assert.deepEqual(await asked.get(lost.id), yes);
  // The next case finds an empty queue.
  await dispatch.done(lost.job.candidate);
  await run.pool.query('delete from ralph_queue.job');
});

test('candidates that are evaluated at once share the processes, so that none is opened more often than it must be', {
  skip: noServer,
}, async () => {
  const beat = `insert into ralph_fleet.hosts values ($1, 'box-b:1', $2, '0.1.0', 8, 0, 0, 0, 0, 0, now(), now())
    on conflict (host) do update set beat = now()`;
  const host = randomUUID();
  await until('the run has seen it', async () => {
    await run.pool.query(beat, [host, ENGINE]);
    return dispatch.processes >= 8;
  });
  const all = dispatch.processes;
  const body = (code: string) => ({ code }) as CandidateBody;
  const [a, b] = [await dispatch.store(body('a')), await dispatch.store(body('b'))];
  assert.equal(dispatch.processes, Math.floor(all / 2));
  // A candidate that is opened twice is there until both are closed.
  await dispatch.store(body('b'));
  await dispatch.done(b);
  assert.equal(dispatch.processes, Math.floor(all / 2));
  await dispatch.done(b);
  await dispatch.done(a);
  assert.equal(dispatch.processes, all);
  await run.pool.query('delete from ralph_fleet.hosts where host = $1', [host]);
});

test('a worker that the role allows what it needs may do no more', { skip: noServer }, async () => {
  await database.sql(
    'ralph',
    'create role ralph_worker nologin',
    "create user box password 'box' in role ralph_worker",
  );
  await (await openServer({ url: database.url('owner'), role: 'run', connections: 2 })).close();
  const url = database.url('owner').replace('ralph:ralph@', 'box:box@');
  const box = await openServer({ url, role: 'worker', connections: 2 });
  const asked = dispatch.ask(job(), 'lane');
  const lease = await taken([QUEUE], box);
  assert.equal(await answerJob(box, lease, 'box', yes, 1), true);
  assert.deepEqual(await asked, yes);
  for (const statement of [
    'create table ralph_fleet.own (a int)',
    'delete from ralph_fleet.answers',
    'update ralph_fleet.runs set tag = tag',
    'delete from ralph_fleet.windows',
    'select from ralph_queue.schedule',
    "select ralph_queue.create_queue('evaluations-mine', '{}')",
  ])
    await assert.rejects(box.pool.query(statement), { code: '42501' }, statement);
  await run.boss.createQueue('sessions-x');
  await run.boss.insert('sessions-x', [{ id: randomUUID(), data: {} }]);
  const others = await box.pool.query("delete from ralph_queue.job where name like 'sessions-%' returning 1");
  const shared = await box.pool.query('delete from ralph_queue.queue where name = $1 returning 1', [QUEUE]);
  assert.deepEqual([others.rows, shared.rows], [[], []], 'neither jobs of islands nor the queue of all');
  await box.close();
});

test('a worker refuses to serve a run of another version, and one that computes other bits', {
  skip: noServer,
}, async () => {
  const own = { engine: ENGINE, checked: 'a'.repeat(64) };
  const pretend = (engine: string, checked: string, state = 'running') =>
    run.pool.query(
      `insert into ralph_fleet.runs values ('x', 'btc-1', 'box-a', $1, $2, $3, now())
       on conflict (run) do update set engine = $1, checked = $2, state = $3`,
      [engine, checked, state],
    );
  assert.deepEqual(await lookAtRuns(worker, own), { tags: [], paused: false });
  await pretend('f'.repeat(64), own.checked);
  await assert.rejects(lookAtRuns(worker, own), {
    message: /^worker needs version ffffffffffff \(run btc-1 on box-a\), and this is eeeeeeeeeeee/,
    exitCode: 2,
  });
  await pretend(ENGINE, 'b'.repeat(64));
  await assert.rejects(lookAtRuns(worker, own), {
    message: /computes other bits than run btc-1 on box-a/,
    exitCode: 1,
  });
  await pretend(ENGINE, own.checked, 'paused');
  assert.deepEqual(await lookAtRuns(worker, own), { tags: ['btc-1 on box-a'], paused: true });
});
