import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { print, printJson } from '../../base/terminal.ts';
import type { RalphEvent, RunEvent } from '../../journal/events.ts';
import { openJournal } from '../../journal/journal.ts';
import { GENESIS, lineHash } from '../../journal/lines.ts';
import { writePart } from '../../journal/sealed/part.ts';
import { flag, text, whole } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { cycleEvents, startOfRun } from '../story.ts';

const PART_BYTES = 4 * 1024 * 1024;

export const BENCH_JOURNAL = {
  does: 'how long a journal takes to replay, and in how much memory',
  options: {
    cycles: whole('cycles in the journal', { default: 100_000 }),
    replay: text('only replay this journal and print the figures', 'FILE'),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

export async function benchJournal({ cycles, replay, json }: Values<typeof BENCH_JOURNAL.options>): Promise<ExitCode> {
  if (replay) {
    replayOnly(replay);
    return EXIT.done;
  }
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

/** Writes what append would have written, without a sync for each of 800,000 lines. */
function build(path: string, cycles: number): number {
  let head = { seq: 0, hash: GENESIS };
  let lines: string[] = [];
  let events: RunEvent[] = [];
  let size = 0;
  let total = 0;
  let part = 0;
  const add = (event: RalphEvent) => {
    const full = { seq: head.seq + 1, at: 1.7e12 + head.seq * 500, ...event, prev: head.hash } as RunEvent;
    const text = JSON.stringify(full);
    head = { seq: full.seq, hash: lineHash(text) };
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
