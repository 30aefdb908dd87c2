#!/usr/bin/env node
import { LOAD } from './scripts/verbs.ts';
import { explain } from './src/base/draw/terminal.ts';
import { EXIT, type ExitCode } from './src/base/errors.ts';
import { PROJECT_DIR } from './src/base/roots.ts';
import { takeSecrets } from './src/base/secrets.ts';
import type { Run } from './src/loop/run.ts';
import type { Stop } from './src/loop/steps/claim.ts';
import { understand } from './src/verbs/table/parse.ts';
import type { Handler } from './src/verbs/table/table.ts';

/** Loaded by the verb `run`; the other verbs do without. */
let loop: typeof import('./src/loop/outer.ts');

/** The outer loop: recover, then one fresh session after another (or several at once) until something says stop. */
async function search(run: Run, cycles: number | null): Promise<ExitCode> {
  loop.announceStart(run);
  const look = loop.forwardLooks(run);
  const islands = Array.from({ length: run.config.islands.count }, () => island(run, cycles, look));
  const stops = await Promise.allSettled(islands);
  if (run.broken.length > 0) {
    loop.refuseGone(run);
    throw run.broken[0];
  }
  const [stop] = stops.flatMap((settled) => (settled.status === 'fulfilled' ? [settled.value] : []));
  return loop.endRun(run, stop.exitCode, stop.reason);
}

async function island(run: Run, cycles: number | null, look: () => Promise<void>): Promise<Stop> {
  try {
    for (;;) {
      await loop.whilePaused(run);
      const claimed = await loop.claimCycle(run, cycles);
      if ('reason' in claimed) return claimed;
      await loop.runCycle(run, claimed.cycle, () => run.control.stopping() !== null);
      run.busy.delete(claimed.cycle);
      loop.announceCycle(run, claimed.cycle);
      await look();
    }
  } catch (thrown) {
    run.broken.push(thrown);
    throw thrown;
  }
}

const run: Handler<'run'> = async ({ tag, cycles, seed, config, dryRun, proposer, from, accept }) => {
  loop = await import('./src/loop/outer.ts');
  const run = await loop.openRun({
    projectDir: PROJECT_DIR,
    tag,
    seed: seed ?? null,
    configDir: config ?? null,
    dryRun,
    proposer: proposer === 'model' ? null : proposer,
    from: from ?? null,
    accept: accept ?? null,
  });
  if (run === null) return EXIT.done;
  const watch = loop.watchRun(run);
  const page = process.stderr.isTTY ? await pageOf(run) : null;
  try {
    return await search(run, cycles ?? null);
  } catch (thrown) {
    if (thrown instanceof loop.FaultBudgetSpent)
      return await loop.endRun(run, EXIT.limit, `fault budget spent: ${thrown.message}`);
    if (thrown instanceof loop.StoppedWhileWaiting)
      return await loop.endRun(run, EXIT.interrupted, `stopped while waiting: ${thrown.message}`);
    throw thrown;
  } finally {
    await page?.close();
    await watch.close();
    await run.close();
  }
};

async function pageOf({ dir, journal }: Run) {
  const { pageBeside } = await import('./src/verbs/page.ts');
  return pageBeside(dir, journal.events);
}

/** Reads the command line against the table of verbs and runs the verb it names. */
async function main(args: string[]): Promise<ExitCode> {
  takeSecrets();
  const { verb, options, words } = understand(args);
  const handler = verb === 'run' ? run : await LOAD[verb]();
  // The table made the options, so they are what the handler of this verb takes.
  return (await handler(options as never, words)) ?? EXIT.done;
}

// A run goes on when its terminal is closed: its journal holds all that it says.
process.stderr.on('error', () => {});
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed),
);
const args = process.argv.slice(2);
// What fails beside the loop, where nothing awaits it, is told in the same way.
process.on('uncaughtException', (thrown) => process.exit(explain(thrown, args.includes('--json'))));
process.exitCode = await main(args).catch((thrown) => explain(thrown, args.includes('--json')));
