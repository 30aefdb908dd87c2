import { EXIT, type ExitCode } from '../src/base/errors.ts';
import { print } from '../src/base/terminal.ts';

/** Every command of `npm run ralph -- VERB` and what it is for. */
export const VERBS: Record<string, string> = {
  help: 'this list',
  run: 'search: fresh agent sessions until a budget, a STOP file or Ctrl-C',
  demo: 'the whole loop offline: simulated market, scripted model',
  status: 'where a run stands',
  results: 'every trial and what became of it',
  tail: 'follow a run, one line a trial',
  report: 'what was tried, what survived',
  digest: 'what a cycle saw',
  hint: 'say something to the next session',
  pause: 'hold a run at the next step',
  resume: 'let a paused run go on',
  step: 'let a paused run do one cycle',
  stop: 'end a run at the next step',
  doctor: 'probe the model server',
  verify: 'check a run for anything lost, doubled or changed',
  reproduce: 'evaluate a stored trial again',
  promote: 'open the holdout for one kept candidate',
  backtest: 'one candidate, no model',
  data: 'ingest | list | verify | simulate | download',
  compare: 'runs side by side',
  track: 'status | sync | retry of the W&B outbox',
  calibrate: 'how often luck passes the gates, and skill',
  bench: 'how fast it is',
};

export async function run(_args: string[]): Promise<ExitCode> {
  print('npm run ralph -- VERB, with --json for one JSON value on stdout where a verb reports:');
  for (const [name, does] of Object.entries(VERBS)) print(`  ${name.padEnd(10)} ${does}`);
  return EXIT.done;
}
