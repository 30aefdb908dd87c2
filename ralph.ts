#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nearest } from './src/base/config.ts';
import { EXIT, type ExitCode, RalphError } from './src/base/errors.ts';
import { MODULE_ENDING } from './src/base/module-ending.ts';
import { say } from './src/base/terminal.ts';
import { announceCycle, announceStart } from './src/loop/announce.ts';
import type { Stop } from './src/loop/budget.ts';
import { runCycle } from './src/loop/cycle.ts';
import { FaultBudgetSpent, StoppedWhileWaiting } from './src/loop/faults.ts';
import type { Run } from './src/loop/run.ts';
import { endRun } from './src/loop/start/end.ts';
import { openRun } from './src/loop/start/open.ts';
import { claimCycle } from './src/loop/steps/claim.ts';
import { PROPOSERS, type ProposerName } from './src/task/task.ts';
import { asksForHelp, badArguments, run as help, usageOf, VERBS } from './src/verbs/help.ts';

/** The outer loop: recover, then one fresh session after another (or several at once) until something says stop. */
async function search(run: Run, cycles: number | null): Promise<ExitCode> {
  announceStart(run);
  const islands = Array.from({ length: run.config.islands.count }, () => island(run, cycles));
  const stops = await Promise.allSettled(islands);
  if (run.broken.length > 0) throw run.broken[0];
  const [stop] = stops.flatMap((settled) => (settled.status === 'fulfilled' ? [settled.value] : []));
  return endRun(run, stop.exitCode, stop.reason);
}

async function island(run: Run, cycles: number | null): Promise<Stop> {
  try {
    for (;;) {
      await run.control.whilePaused(() => say('paused: remove the PAUSE file or run `npm run ralph -- resume`'));
      const claimed = await claimCycle(run, cycles);
      if ('reason' in claimed) return claimed;
      await runCycle(run, claimed.cycle, () => run.control.stopping() !== null);
      run.busy.delete(claimed.cycle);
      announceCycle(run, claimed.cycle);
    }
  } catch (thrown) {
    run.broken.push(thrown);
    throw thrown;
  }
}

async function runVerb(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      tag: { type: 'string' },
      cycles: { type: 'string' },
      seed: { type: 'string' },
      config: { type: 'string' },
      'dry-run': { type: 'boolean' },
      proposer: { type: 'string' },
      from: { type: 'string' },
    },
  });
  const cycles = values.cycles === undefined ? null : wholeNumber('--cycles', values.cycles);
  const seed = values.seed === undefined ? null : wholeNumber('--seed', values.seed);
  const run = await openRun({
    projectDir: import.meta.dirname,
    tag: values.tag ?? null,
    seed,
    configDir: values.config ?? null,
    dryRun: values['dry-run'] ?? false,
    proposer: proposerOf(values.proposer),
    from: values.from ?? null,
  });
  if (run === null) return EXIT.done;
  try {
    return await search(run, cycles);
  } catch (thrown) {
    if (thrown instanceof FaultBudgetSpent)
      return await endRun(run, EXIT.limit, `fault budget spent: ${thrown.message}`);
    if (thrown instanceof StoppedWhileWaiting)
      return await endRun(run, EXIT.interrupted, `stopped while waiting: ${thrown.message}`);
    throw thrown;
  } finally {
    await run.close();
  }
}

async function main([asked = 'help', ...args]: string[]): Promise<ExitCode> {
  const verb = wordOf(asked);
  if (Object.hasOwn(VERBS, verb) && verb !== 'data' && asksForHelp(args)) return help([verb]);
  if (verb === 'run') return runVerb(args);
  const places = ['src/verbs', 'scripts'].map((folder) => join(import.meta.dirname, folder, `${verb}${MODULE_ENDING}`));
  const script = Object.hasOwn(VERBS, verb) ? places.find((place) => existsSync(place)) : undefined;
  if (script !== undefined) return ((await import(script)) as { run(args: string[]): Promise<ExitCode> }).run(args);
  const near = nearest(verb, Object.keys(VERBS));
  throw new RalphError(`there is no command "${asked}"${near ? `; did you mean "${near}"?` : ''}`, {
    remedy: 'See the list with: npm run ralph -- help',
    exitCode: EXIT.usage,
  });
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RalphError(`${flag} takes a whole number, got "${text}"`, {
    remedy: `Try ${flag} 10.`,
    exitCode: EXIT.usage,
  });
}

function proposerOf(name: string | undefined): ProposerName | null {
  if (name === undefined || name === 'model') return null;
  const known = PROPOSERS.find((proposer) => proposer === name);
  if (known) return known;
  throw new RalphError(`--proposer is model, ${PROPOSERS.join(', ')}; got "${name}"`, {
    remedy: 'Leave it out for the model.',
    exitCode: EXIT.usage,
  });
}

function wordOf(asked: string): string {
  return asked === '-h' ? 'help' : asked.replace(/^-+/, '');
}

function explain(error: unknown): ExitCode {
  const verb = wordOf(process.argv[2] ?? 'help');
  const thrown = (Object.hasOwn(VERBS, verb) && badArguments(error, usageOf(verb))) || error;
  if (thrown instanceof RalphError) {
    say(thrown.message);
    say(`-> ${thrown.remedy}`);
    return thrown.exitCode;
  }
  say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  return EXIT.failed;
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed),
);
process.exitCode = await main(process.argv.slice(2)).catch(explain);
