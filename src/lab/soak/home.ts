import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { say } from '../../base/draw/terminal.ts';
import { UsageError } from '../../base/errors.ts';
import { jsonIn } from '../../base/json.ts';
import { isLocked, takeLock } from '../../base/lock.ts';
import { until } from '../until.ts';
import { type Adopted, openRecord, type SoakRecord } from './record.ts';
import { fillSubject, type Subject, subjectIn, type Task } from './world/subject.ts';

/** What a soak was asked for; all but folder, time and cycles has to stay what it was when it goes on. */
interface HomeOptions extends Task {
  readonly dir?: string;
  readonly minutes: number;
  readonly cycles: number;
}

/** Where a soak lives: its project, and beside it what it knows of itself. */
export interface Home {
  readonly subject: Subject;
  readonly record: SoakRecord;
  /** Folder for what the tracking server was told. */
  readonly told: string;
  /** File by which the harness's clock is shifted. */
  readonly clock: string;
  close(): void;
}

/**
 * Opens the folder of a soak: fills an empty one, goes on in one that was killed, takes up the run in one of a soak that kept no record.
 * Without a folder it makes one that goes when it is closed. Throws for any other folder, for other options and while a soak has it.
 */
export async function openHome(options: HomeOptions, tag: string): Promise<Home> {
  const { minutes: _, cycles: __, dir: named, ...settings } = options;
  const dir = named === undefined ? mkdtempSync(join(tmpdir(), 'ralph-soak-')) : resolve(named);
  const [own, runDir] = [join(dir, 'soak'), join(dir, 'runs', tag)];
  const [file, clock] = [join(own, 'record.jsonl'), join(dir, 'clock-shift')];
  const subject = subjectIn(dir, options);
  mkdirSync(dir, { recursive: true });
  const known = existsSync(file);
  const adopts = !known && existsSync(join(runDir, 'journal.jsonl')) && existsSync(join(dir, subject.config));
  if (!known && !adopts) {
    if (readdirSync(dir).length > 0)
      throw new UsageError(`${dir} holds something, and no soak`, {
        expected: `a folder that is empty or not there, or one with soak/record.jsonl, or with runs/${tag} and ${subject.config}`,
        remedy: 'name another folder, or remove this one if a soak was killed while it filled it',
      });
    await fillSubject(dir, options);
  }
  mkdirSync(own, { recursive: true });
  const lock = takeLock(join(own, 'lock.sqlite'));
  if (lock === null)
    throw new UsageError(`another soak goes on in ${dir}`, { remedy: 'wait for its end, or name another folder' });
  const record = openRecord(file);
  const begun = { ...settings, bars: options.bars === undefined ? null : resolve(options.bars) };
  if (record.options !== null) {
    const other = otherOptions(record.options, begun);
    if (other !== '') {
      record.close();
      lock.release();
      throw new UsageError(`the soak in ${dir} was begun with other options: ${other}`, {
        remedy: 'give the options it was begun with (only time and cycles may change), or name another folder',
      });
    }
  } else record.add({ is: 'begun', options: begun, adopted: adopts ? adopt(subject, runDir, tag) : null });
  await clearUp(runDir, clock);
  record.add({ is: 'stretch' });
  return {
    subject,
    record,
    told: join(own, 'tracker'),
    clock,
    close() {
      record.close();
      lock.release();
      if (named === undefined) rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}

function otherOptions(was: Readonly<Record<string, unknown>>, is: Readonly<Record<string, unknown>>): string {
  const text = (value: unknown) => JSON.stringify(value ?? null);
  const other = Object.keys(is).filter((name) => text(was[name]) !== text(is[name]));
  return other.map((name) => `${name} was ${text(was[name])} and is ${text(is[name])}`).join(', ');
}

/** Takes the time and the starts from the journal. The tracking server knows nothing of this run: all of it is to be sent again. */
function adopt(subject: Subject, runDir: string, tag: string): Adopted {
  const events = subject.events(tag);
  const count = (...types: string[]) => events.filter(({ type }) => types.includes(type)).length;
  // Without the times between two lives.
  const ms = events.slice(1).map(({ type, at }, i) => (type === 'run.resumed' ? 0 : at - events[i].at));
  const seconds = ms.reduce((sum, each) => sum + each, 0) / 1000;
  const cycles = count('cycle.committed');
  rmSync(join(runDir, 'outbox', 'delivered.jsonl'), { force: true });
  say(`taken up at cycle ${cycles} after ${seconds.toFixed(0)} s; a new tracking server is sent all of it again`);
  return { cycles, seconds, starts: count('run.started', 'run.resumed') };
}

/** Ends a harness whose soak was killed alone, and takes back what would be taken back at the end of a disturbance. */
async function clearUp(runDir: string, clock: string): Promise<void> {
  rmSync(clock, { force: true });
  rmSync(join(runDir, 'PAUSE'), { force: true });
  const lock = join(runDir, 'lock.sqlite');
  if (!isLocked(lock)) return;
  const holder = jsonIn(readFileSync(join(runDir, 'lock'), 'utf8')) as { pid: number } | undefined;
  try {
    // The whole group: a harness is the leader of one.
    if (holder) process.kill(-holder.pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
  await until(`the harness of the stretch before has ended (${lock} is free)`, () => !isLocked(lock));
}
