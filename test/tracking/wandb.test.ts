import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../../src/base/hash.ts';
import { isAlive, needsProc } from '../../src/lab/processes.ts';
import { until } from '../../src/lab/until.ts';
import { type Asked, startWandbServer, type WandbServer } from '../../src/lab/wandb/server.ts';
import { keepSender, type SenderOptions } from '../../src/tracking/keeper.ts';
import { openTracker } from '../../src/tracking/open.ts';
import { digestOf, openOutbox } from '../../src/tracking/outbox.ts';
import { drain } from '../../src/tracking/sync.ts';
import type { TrackedRun, Tracker } from '../../src/tracking/tracker.ts';

const KEY = 'k'.repeat(40);
const config = { project: 'ralph', entity: '', baseUrl: 'http://unused' };
const closers: (() => Promise<unknown>)[] = [];
after(() => Promise.all(closers.map((close) => close())));

const run = (id: string, points: number): TrackedRun => ({
  id,
  name: `DISCARD · sharpe 0.41 < 1.00 · ${id}`,
  config: { family: 'ema', parameters: { fast: 10 } },
  summary: { outcome: 'discard', 'gate/train/sharpe/value': 0.41, nothing: null },
  history: Array.from({ length: points }, (_, day) => ({ day, equity: 1 + day / 100 })),
  exitCode: 0,
  group: 't',
  jobType: 'trial',
  tags: ['ema', 'discard'],
  notes: 'a hypothesis',
  files: [],
  alert: null,
});

async function setUp(): Promise<SetUp> {
  const server = await startWandbServer({ key: KEY });
  closers.push(() => server.close());
  const runDir = mkdtempSync(join(tmpdir(), 'ralph-track-'));
  const open = () =>
    openTracker({ runDir, tag: 't', config, env: { WANDB_API_KEY: KEY, WANDB_BASE_URL: server.baseUrl } });
  const senderOptions = { runDir, project: 'ralph', entity: '', baseUrl: server.baseUrl, key: KEY };
  return { server, runDir, open, senderOptions };
}

interface SetUp {
  readonly server: WandbServer;
  readonly runDir: string;
  readonly senderOptions: SenderOptions;
  open(): Promise<Tracker>;
}

/** What anything may take before it counts as hanging, in ms. */
const PATIENCE_MS = 240_000;

async function settled(tracker: Tracker, ms = PATIENCE_MS): Promise<void> {
  for (const end = Date.now() + ms; tracker.status().pending > 0; ) {
    assert.ok(Date.now() < end, `still pending: ${JSON.stringify(tracker.status())}`);
    await sleep(100);
  }
}

const labels = ({ group, jobType, tags, notes }: TrackedRun) => ({ group, jobType, tags, notes });

/** The server's view is what was enqueued: name, configuration, every row once and in order, the summary. */
function same(server: WandbServer, runs: readonly TrackedRun[]): void {
  assert.equal(server.runs.size, runs.length);
  for (const each of runs) {
    const stored = server.runs.get(`tester/ralph/${each.id}`);
    assert.ok(stored, each.id);
    assert.equal(stored.displayName, each.name);
    assert.deepEqual(stored.config, each.config);
    assert.equal(stored.history.length, Math.max(1, each.history.length));
    each.history.forEach((row, index) => {
      for (const [name, value] of Object.entries(row)) assert.equal(stored.history[index][name], value);
    });
    for (const [name, value] of Object.entries(each.summary)) assert.equal(stored.summary[name], value);
    assert.equal(stored.summary['ralph/digest'], digestOf(each));
    assert.equal(stored.state, each.exitCode === null ? 'running' : 'finished');
    const { group, jobType, tags, notes } = stored;
    assert.deepEqual({ group, jobType, tags, notes }, labels(each));
  }
}

describe('the server holds every run once, as it was enqueued', { concurrency: 4 }, () => {
  test('without a key nothing is started and nothing written, and the status says so', async () => {
    const tracker = await openTracker({ runDir: '/nonexistent', tag: 't', config, env: {} });
    tracker.enqueue(run('a', 1));
    assert.match(tracker.status().target, /WANDB_API_KEY is not set/);
    await tracker.close(0);
  });

  test('runs arrive whole: name, config, every row of the history, summary, labels; one that goes on is shown as running', async () => {
    const { server, open } = await setUp();
    const tracker = await open();
    const runs = [run('a', 0), { ...run('b', 1), exitCode: null }, run('c', 200)];
    for (const each of runs) tracker.enqueue(each);
    await settled(tracker);
    same(server, runs);
    await tracker.close(2000);
    assert.equal(tracker.status().delivered, 3);
  });

  test('code and transcript arrive beside their run, and a keep is told once; files that changed since stay away', async () => {
    const { server, open, runDir } = await setUp();
    writeFileSync(join(runDir, 'code.ts'), 'export default 1;\n');
    writeFileSync(join(runDir, 'changed.jsonl'), 'another text');
    const file = (name: string, text: string) => ({ name, path: name, sha256: sha256(text) });
    const files = [file('code.ts', 'export default 1;\n'), file('changed.jsonl', 'a text'), file('gone.yaml', '')];
    const alert = { title: 't kept 0001-1', text: 'KEEP', at: Date.now() };
    const old = { ...alert, at: Date.now() - 48 * 3_600_000 };
    let refused = 0;
    server.trouble = ({ kind }) => (kind === 'upload' && refused++ < 2 ? { status: 503 } : null);
    const tracker = await open();
    for (const each of [
      { ...run('a', 5), files, alert },
      { ...run('b', 5), alert: old },
    ])
      tracker.enqueue(each);
    await settled(tracker);
    const held = (id: string) => server.runs.get(`tester/ralph/${id}`);
    assert.deepEqual(Object.keys(held('a')?.files ?? {}), ['code.ts']);
    assert.equal(`${held('a')?.files['code.ts']}`, 'export default 1;\n');
    assert.ok(refused > 2, 'an upload that was refused was tried again');
    assert.equal(held('a')?.upserts, 1, 'the run itself was not sent again for it');
    assert.deepEqual([held('a')?.alerts.length, held('b')?.alerts.length], [1, 0]);
    await tracker.close(2000);
  });

  test('a keep is stored as an artifact once, whole, whatever was refused', async () => {
    const { server, open, runDir } = await setUp();
    const texts = { 'a.ts': 'export default 1;\n', 'a.yaml': 'strategy: a.ts\n' };
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(runDir, name), text);
    const files = Object.entries(texts).map(([name, text]) => ({ name, path: name, sha256: sha256(text) }));
    const artifact = {
      name: 't-a',
      type: 'strategy',
      description: 'd',
      aliases: ['keep'],
      metadata: { n: 3 },
      files,
    } as const;
    let uploads = 0;
    server.trouble = ({ kind }) => (kind === 'upload' && uploads++ === 1 ? { status: 503 } : null);
    const tracker = await open();
    tracker.enqueue({ ...run('a', 1), artifact });
    tracker.enqueue({ ...run('b', 1), artifact: { ...artifact, files: [{ ...files[0], sha256: 'changed' }] } });
    await settled(tracker);
    const [stored, ...more] = server.artifacts;
    assert.deepEqual(
      [stored.state, stored.run, stored.type, stored.aliases, more],
      ['COMMITTED', 'a', 'strategy', ['keep'], []],
    );
    assert.equal(`${stored.files['a.ts']}${stored.files['a.yaml']}`, Object.values(texts).join(''));
    assert.deepEqual(stored.metadata, { n: 3 });
    // The same keep once more, as after a lost note: nothing is uploaded again.
    const before = uploads;
    rmSync(join(runDir, 'outbox', 'delivered.jsonl'));
    tracker.enqueue({ ...run('a', 1), artifact });
    await settled(tracker);
    assert.deepEqual([uploads, server.artifacts.length], [before, 1]);
    await tracker.close(2000);
  });

  test('a file that the server shows a moment after it came is sent once', async () => {
    const { server, runDir, open } = await setUp();
    writeFileSync(join(runDir, 'code.ts'), 'a');
    let uploads = 0;
    let hidden: Record<string, Buffer> = {};
    server.trouble = ({ kind }) => {
      if (kind === 'upload') uploads++;
      const stored = server.runs.get('tester/ralph/a');
      // Of two questions after the upload the first does not see the file and the second does.
      if (kind === 'graphql' && stored) [stored.files, hidden] = [hidden, stored.files];
      return null;
    };
    const tracker = await open();
    tracker.enqueue({ ...run('a', 1), files: [{ name: 'code.ts', path: 'code.ts', sha256: sha256('a') }] });
    await settled(tracker);
    assert.equal(uploads, 1);
    assert.equal(tracker.status().failed, 0);
    await tracker.close(2000);
  });

  test('storage that nobody can reach holds back no run, and a file over 5 MB stays where it is', async () => {
    const { server, runDir, senderOptions } = await setUp();
    const file = (name: string, content: string) => {
      writeFileSync(join(runDir, name), content);
      return { name, path: name, sha256: sha256(content) };
    };
    const outbox = openOutbox(runDir);
    // As many as the sender has under way at once.
    for (let i = 0; i < 8; i++) outbox.put({ ...run(`r${i}`, 1), files: [file('code.ts', 'export default 1;\n')] });
    outbox.put({ ...run('last', 1), files: [file('large.jsonl', 'x'.repeat(5_000_001))] });
    server.trouble = ({ kind }) => (kind === 'upload' ? { status: 0, drop: 'before' } : null);
    const sender = keepSender(senderOptions);
    await until('the last one is delivered', () => outbox.pending().length === 8);
    assert.deepEqual(outbox.counts(), { pending: 8, failed: 0, delivered: 1 });
    assert.deepEqual(server.runs.get('tester/ralph/last')?.files, {});
    server.trouble = () => null;
    outbox.saveState({ lastError: null, retryAt: 0, attempts: 0 });
    await until('the outbox is empty', () => outbox.pending().length === 0);
    assert.ok(
      [...server.runs.values()].every(({ files, upserts }, i) => upserts === 1 && (i === 8 || files['code.ts'])),
    );
    await sender.close(2000);
  });

  test('after an outage in which requests failed, were cut off, or were done and never answered', async () => {
    const { server, open } = await setUp();
    const troubles = [{ status: 503 }, { status: 0, drop: 'before' as const }, { status: 0, drop: 'after' as const }];
    server.trouble = ({ kind }, count) => (kind === 'stream' && count <= 3 ? troubles[count - 1] : null);
    const tracker = await open();
    const runs = [run('a', 5), run('b', 60)];
    for (const each of runs) tracker.enqueue(each);
    await settled(tracker);
    same(server, runs);
    await tracker.close(2000);
  });

  test('labels that were refused are set later, and the run is not sent again for them', async () => {
    const { server, open } = await setUp();
    let refused = 0;
    server.trouble = ({ labels }) => (labels && refused++ < 3 ? { status: 503 } : null);
    const tracker = await open();
    tracker.enqueue(run('a', 5));
    await settled(tracker);
    same(server, [run('a', 5)]);
    assert.ok(refused > 3);
    assert.equal(server.runs.get('tester/ralph/a')?.upserts, 1);
    await tracker.close(2000);
  });

  test('after an outage that swallowed the end of a run and nothing else', async () => {
    const { server, open } = await setUp();
    let swallowed = false;
    server.trouble = ({ ends }) => {
      if (!ends || swallowed) return null;
      swallowed = true;
      return { status: 503 };
    };
    const tracker = await open();
    tracker.enqueue(run('a', 5));
    await settled(tracker);
    assert.ok(swallowed);
    same(server, [run('a', 5)]);
    await tracker.close(2000);
  });

  test('after a server that was away when the run began and came back', async () => {
    const { server, open } = await setUp();
    // It hangs up on everybody. To free the port in earnest would be to lose it to whoever opens a connection meanwhile.
    server.trouble = () => ({ status: 0, drop: 'before' });
    const tracker = await open();
    const runs = [run('a', 3), run('b', 4)];
    for (const each of runs) tracker.enqueue(each);
    await until('the tracker has met the outage', () => tracker.status().lastError !== null);
    assert.match(tracker.status().lastError ?? '', /cannot be reached/);
    server.trouble = () => null;
    await settled(tracker);
    same(server, runs);
    await tracker.close(2000);
  });

  test('a rate limit is respected: what was refused is not sent again before Retry-After is over', async () => {
    const { server, open } = await setUp();
    let limited: Asked | undefined;
    server.trouble = (request) => {
      if (request.kind !== 'stream' || limited) return null;
      limited = request;
      return { status: 429, headers: { 'Retry-After': '5' } };
    };
    const tracker = await open();
    const runs = [run('a', 5), run('b', 5), run('c', 5)];
    for (const each of runs) tracker.enqueue(each);
    await settled(tracker);
    same(server, runs);
    // What was on its way arrives whenever a busy machine lets it: the try that was refused ends with a question about its run.
    assert.ok(limited);
    const { run: refused, at } = limited;
    const later = server.requests.slice(server.requests.indexOf(limited)).filter((each) => each.run === refused);
    const again = later.slice(later.findIndex((each) => each.does === 'read') + 1);
    assert.ok(again.some((each) => each.does === 'write'));
    for (const each of again) assert.ok(each.at >= at + 4_900, `${each.does} after ${each.at - at} ms`);
    await tracker.close(2000);
  });

  for (const status of [403, 409])
    test(`${status} answers keep every run waiting, with the reason, until the server takes them`, async () => {
      const { server, runDir, open } = await setUp();
      server.trouble = ({ does }) => (does === 'write' ? { status } : null);
      const tracker = await open();
      const runs = [run('a', 3), run('b', 4)];
      for (const each of runs) tracker.enqueue(each);
      await until('a delivery has failed', () => tracker.status().lastError !== null);
      const { pending, failed, delivered } = tracker.status();
      assert.deepEqual([pending + failed, delivered], [2, 0]);
      server.trouble = () => null;
      // A person need not wait for the next try.
      openOutbox(runDir).saveState({ lastError: null, retryAt: 0, attempts: 0 });
      tracker.enqueue(run('c', 1));
      await settled(tracker);
      same(server, [...runs, run('c', 1)]);
      await tracker.close(2000);
    });

  test('on a disk that stays full nothing is lost, and what arrived is noted once there is room', async (t) => {
    const { server, runDir, senderOptions } = await setUp();
    const mount = (...args: string[]) => execFileSync('mount', [...args, runDir], { stdio: 'pipe' });
    try {
      mount('-t', 'tmpfs', '-o', 'size=256k', 'tmpfs');
    } catch {
      t.skip('this user may not mount a small file system');
      return;
    }
    try {
      const outbox = openOutbox(runDir);
      for (const id of ['a', 'b']) outbox.put(run(id, 4));
      const { bavail, bsize } = statfsSync(runDir);
      writeFileSync(join(runDir, 'filler'), Buffer.alloc(bavail * bsize));
      assert.throws(() => outbox.put(run('c', 4)), { code: 'ENOSPC' });
      const sender = keepSender(senderOptions);
      await until('all have arrived', () => server.runs.size === 2);
      assert.equal(outbox.pending().length, 2, 'what cannot be noted still waits');
      rmSync(join(runDir, 'filler'));
      await until('the outbox is empty', () => outbox.pending().length === 0);
      same(server, [run('a', 4), run('b', 4)]);
      await sender.close(2000);
    } finally {
      execFileSync('umount', ['--lazy', runDir]);
    }
  });

  test('after a sender that was killed in the middle of its work', async () => {
    const { server, runDir, senderOptions } = await setUp();
    const outbox = openOutbox(runDir);
    const runs = Array.from({ length: 9 }, (_, i) => run(`r${i}`, 10 + i));
    for (const each of runs) outbox.put(each);
    const sender = keepSender(senderOptions);
    await until('a run has arrived', () => server.runs.size >= 1);
    assert.ok(sender.pid);
    process.kill(sender.pid, 'SIGKILL');
    await until('the outbox is empty', () => outbox.pending().length === 0);
    same(server, runs);
    await sender.close(2000);
  });

  test('a run that was delivered and not noted is recognised and not sent again', async () => {
    const { server, runDir, senderOptions } = await setUp();
    const outbox = openOutbox(runDir);
    const file = outbox.put(run('a', 4));
    const pending = join(runDir, 'outbox', 'pending', file);
    copyFileSync(pending, join(runDir, 'kept.json'));
    assert.equal(await drain(senderOptions, PATIENCE_MS, () => {}), 0);
    copyFileSync(join(runDir, 'kept.json'), pending);
    assert.equal(await drain(senderOptions, PATIENCE_MS, () => {}), 0);
    same(server, [run('a', 4)]);
    assert.equal(server.runs.get('tester/ralph/a')?.upserts, 1);
  });

  test('of several states of one run the newest is delivered; offline work is synced later', async () => {
    const { server, runDir, senderOptions } = await setUp();
    const outbox = openOutbox(runDir);
    for (let points = 1; points <= 20; points++) outbox.put(run('t-search-abc123', points));
    outbox.put(run('a', 2));
    assert.equal(await drain(senderOptions, PATIENCE_MS, () => {}), 0);
    same(server, [run('t-search-abc123', 20), run('a', 2)]);
    assert.equal(server.runs.get('tester/ralph/t-search-abc123')?.upserts, 1);
  });

  test('the key is in the header of requests and nowhere on the disk, also when it is refused', needsProc, async () => {
    const { runDir, senderOptions } = await setUp();
    const wrong = 'w'.repeat(40);
    openOutbox(runDir).put(run('a', 1));
    const sender = keepSender({ ...senderOptions, key: wrong });
    await until('the key was refused', () => openOutbox(runDir).state().lastError !== null);
    assert.match(openOutbox(runDir).state().lastError ?? '', /refuses the key/);
    // Between two senders there is none, and one that has ended has no environment any more.
    let environment: string[] = [];
    await until('a sender lives', () => {
      environment = environmentOf(sender.pid);
      return environment.length > 0;
    });
    assert.deepEqual(environment, [`WANDB_API_KEY=${wrong}`]);
    await sender.close(1000);
    const texts = readdirSync(runDir, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name), 'utf8')] : [],
    );
    assert.equal(
      texts.some((text) => text.includes(wrong) || text.includes(btoa(`api:${wrong}`))),
      false,
    );
  });

  test('a sender ends by itself when its harness is killed', async () => {
    const { senderOptions } = await setUp();
    const keeper = join(import.meta.dirname, '../../src/tracking/keeper.ts');
    const program = `
      const { keepSender } = await import(${JSON.stringify(keeper)});
      const sender = keepSender(${JSON.stringify(senderOptions)});
      setTimeout(() => { process.stdout.write(String(sender.pid)); process.kill(process.pid, 'SIGKILL'); }, 500);
      setInterval(() => {}, 1000);
    `;
    let pid = 0;
    try {
      execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    } catch (error) {
      pid = Number((error as { stdout: string }).stdout);
    }
    assert.ok(pid > 0);
    await until('the sender has ended', () => !isAlive(pid));
  });
});

/** The environment of a process without what Node adds for its channel; empty when it is gone. */
function environmentOf(pid: number | null): string[] {
  try {
    const all = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return all.filter((each) => each !== '' && !each.startsWith('NODE_CHANNEL_'));
  } catch {
    return [];
  }
}
