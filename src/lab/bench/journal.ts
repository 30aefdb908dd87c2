import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { print, printJson } from '../../base/draw/terminal.ts';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { GENESIS, sha256 } from '../../base/hash.ts';
import type { RalphEvent, RunEvent } from '../../journal/events.ts';
import { openWorktree } from '../../journal/git/git.ts';
import { openJournal } from '../../journal/journal.ts';
import { writePart } from '../../journal/sealed/part.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { changedFiles } from '../../journal/verify/files.ts';
import { lostHistory, lostToBoth } from '../../journal/verify/heads.ts';
import { verifyRun } from '../../journal/verify/verify.ts';
import { flag, text, whole } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { cycleEvents, startOfRun } from '../story.ts';
import { buildRunFolder } from './run-folder.ts';

const PART_BYTES = 4 * 1024 * 1024;

export const BENCH_JOURNAL = {
  does: 'how long a journal takes to replay, and in how much memory',
  options: {
    cycles: whole('cycles in the journal', { default: 100_000 }),
    checks: flag('how long verify takes over 1,000 cycles, and the check of a start over 10,000'),
    replay: text('only replay this journal and print the figures', 'FILE'),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

export async function benchJournal({
  cycles,
  replay,
  checks,
  json,
}: Values<typeof BENCH_JOURNAL.options>): Promise<ExitCode> {
  if (replay) {
    replayOnly(replay);
    return EXIT.done;
  }
  if (checks) return benchChecks(json);
  const dir = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  try {
    const path = join(dir, 'journal.jsonl');
    const bytes = build(path, cycles);
    const results = [1, 2, 3].map(() => measured(path));
    const best = results.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a));
    const disk = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
    const report = { ...best, cycles, journalMb: bytes / 1e6, diskMb: disk / 1e6 };
    if (json) printJson(report);
    else
      print(
        `${report.cycles} cycles, ${report.events} events, ${report.journalMb.toFixed(0)} MB of journal (${report.diskMb.toFixed(0)} MB on disk): replayed in ${report.milliseconds.toFixed(0)} ms (${report.cpuMs.toFixed(0)} ms of processor), ${report.peakMb.toFixed(0)} MB at most`,
      );
  } finally {
    rmSync(dir, { recursive: true });
  }
  return EXIT.done;
}

/** The whole of `verify` over a run, and what a start compares before it goes on with one. Exit 1 above their limits of 5 s and 200 ms. */
async function benchChecks(json: boolean): Promise<ExitCode> {
  const folders = [1000, 10_000].map((cycles) => buildRunFolder(cycles));
  try {
    const verify = await timed(async () => {
      const { ok, problems } = await verifyRun(folders[0]);
      if (!ok) throw new Error(JSON.stringify(problems.slice(0, 3)));
    });
    const runDir = folders[1];
    const projectDir = join(runDir, '..', '..');
    const journal = openJournal(join(runDir, 'journal.jsonl'));
    const state = stateOf(journal.events);
    const last = state.cycles.at(-1)?.committed?.commit;
    const start = await timed(async () => {
      const { commits } = await openWorktree({ projectDir, runDir, tag: 't', last });
      const lost = [lostHistory(state, journal.head, commits), changedFiles(runDir, state)].reduce(lostToBoth);
      if (lost) throw new Error(lost.problem);
    });
    journal.close();
    if (json) printJson({ verifyMilliseconds: verify, startMilliseconds: start });
    else
      print(
        `verify of 1,000 cycles: ${verify.toFixed(0)} ms (limit 5000); check of a start at 10,000: ${start.toFixed(0)} ms (limit 200)`,
      );
    return verify < 5000 && start < 200 ? EXIT.done : EXIT.failed;
  } finally {
    for (const folder of folders) rmSync(join(folder, '..', '..'), { recursive: true });
  }
}

/** The best of three, in ms: the machine may do other work as well. */
async function timed(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return Math.min(...times);
}

/** Writes what append would have written, without a sync for each of 800,000 lines. */
function build(path: string, cycles: number): number {
  let head = GENESIS;
  let lines: string[] = [];
  let events: RunEvent[] = [];
  let size = 0;
  let total = 0;
  let part = 0;
  const add = (event: RalphEvent) => {
    const full = { seq: head.seq + 1, at: 1.7e12 + head.seq * 500, ...event, prev: head.hash } as RunEvent;
    const text = JSON.stringify(full);
    head = { seq: full.seq, hash: sha256(text) };
    lines.push(`${text}\n`);
    events.push(full);
    size += text.length + 1;
    total += text.length + 1;
  };
  add(startOfRun);
  for (let cycle = 1; cycle <= cycles; cycle++) {
    for (const event of cycleEvents(cycle)) add(event);
    if (size < PART_BYTES) continue;
    part += 1;
    const seal = writePart(path, part, Buffer.from(lines.join('')), events, head);
    [lines, events, size] = [[], [], 0];
    add({ type: 'journal.sealed', ...seal });
  }
  const file = openSync(path, 'w');
  writeSync(file, lines.join(''));
  closeSync(file);
  return total;
}

function measured(path: string): { events: number; milliseconds: number; cpuMs: number; peakMb: number } {
  const child = spawnSync(process.execPath, [process.argv[1], '--replay', path], { encoding: 'utf8' });
  return JSON.parse(child.stdout);
}

function replayOnly(path: string): void {
  const before = process.cpuUsage();
  const start = performance.now();
  const journal = openJournal(path);
  const milliseconds = performance.now() - start;
  // On a machine that does other work as well, this is the figure that can be compared.
  const used = process.cpuUsage(before);
  printJson({
    events: journal.events.length,
    milliseconds,
    cpuMs: (used.user + used.system) / 1000,
    peakMb: process.resourceUsage().maxRSS / 1024,
  });
}
