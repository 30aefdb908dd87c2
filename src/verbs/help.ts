import { nearest } from '../base/config.ts';
import { EXIT, type ExitCode, messageOf, RalphError } from '../base/errors.ts';
import { print } from '../base/terminal.ts';

interface Verb {
  readonly does: string;
  /** What stands behind the verb on the command line. */
  readonly usage: string;
}

/** Every command of `npm run ralph -- VERB` and what it is for. */
export const VERBS: Record<string, Verb> = {
  help: { does: 'this list, or how to write one verb', usage: '[VERB]' },
  run: {
    does: 'search: fresh agent sessions until a budget, a STOP file or Ctrl-C',
    usage: '[--tag main] [--cycles N] [--seed N] [--config DIR] [--dry-run] [--proposer NAME] [--from TAG]',
  },
  demo: {
    does: 'the whole loop offline: simulated market, scripted model',
    usage: '[--tag demo] [--cycles 10] [--seed N] [--faults 0.1] [--proposer NAME] [--json]',
  },
  model: {
    does: 'the demo’s scripted model as a server, to try a run on your bars without a GPU',
    usage: '[--port 8000] [--seed 1] [--faults 0]',
  },
  status: { does: 'where a run stands', usage: '[--tag TAG] [--json]' },
  results: { does: 'every trial and what became of it', usage: '[--tag TAG] [--last N] [--json]' },
  tail: { does: 'follow a run, one line a trial', usage: '[--tag TAG] [--lines 10] [--no-follow] [--json]' },
  report: { does: 'what was tried, what survived', usage: '[--tag TAG] [--json]' },
  digest: { does: 'what a cycle saw', usage: '[--tag TAG] [--cycle N] [--rebuild] [--tokens N] [--json]' },
  hint: {
    does: 'say something to the next session',
    usage: '"TEXT" | list | drop ID | effects  [--tag TAG] [--priority 5] [--scope run] [--expires TIME] [--json]',
  },
  pause: { does: 'hold a run at the next step', usage: '[--tag TAG]' },
  resume: { does: 'let a paused run go on', usage: '[--tag TAG]' },
  step: { does: 'let a paused run do one cycle', usage: '[--tag TAG]' },
  stop: { does: 'end a run at the next step', usage: '[--tag TAG]' },
  doctor: { does: 'probe the model server', usage: '[--short] [--config DIR] [--json]' },
  verify: { does: 'check a run for anything lost, doubled or changed', usage: '[--tag TAG] [--json]' },
  replay: { does: 'run a recorded run again and compare the journals', usage: '[TAG] [--json]' },
  reproduce: { does: 'evaluate a stored trial again', usage: 'TRIAL [--tag TAG] [--config DIR] [--json]' },
  promote: { does: 'open the holdout for one kept candidate', usage: 'TRIAL [--tag TAG] [--json]' },
  backtest: {
    does: 'one candidate, no model',
    usage:
      'FILE.yaml [--window train|selection] [--config DIR] [--json]\n   or FILE.yaml --bars FILE.csv.gz [--format NAME] [--symbol SYMBOL] [--config DIR] [--json]',
  },
  data: {
    does: 'ingest | list | verify | simulate | download',
    usage: 'ingest|list|verify|simulate|download …   (data VERB --help says more)',
  },
  compare: { does: 'runs side by side', usage: 'TAG TAG… [--svg FILE] [--json]' },
  track: {
    does: 'status | sync | retry of the W&B outbox',
    usage: 'status|sync|retry [--tag TAG] [--wait S] [--json]',
  },
  calibrate: {
    does: 'how often luck passes the gates, and skill',
    usage: '[--quick] [--report] [--tune] [--only NAME] [--searches N] [--workers N] [--json]',
  },
  bench: { does: 'how fast it is', usage: '[NAME…] [--json]' },
};

/** The list, or what one verb takes. */
export async function run([verb]: string[]): Promise<ExitCode> {
  if (verb !== undefined && Object.hasOwn(VERBS, verb)) {
    print(`${VERBS[verb].does}\n\n${usageOf(verb)}`);
    return EXIT.done;
  }
  print('npm run ralph -- VERB, with --json for one JSON value on stdout where a verb reports:');
  for (const [name, { does }] of Object.entries(VERBS)) print(`  ${name.padEnd(10)} ${does}`);
  print('npm run ralph -- help VERB says what a verb takes.');
  return EXIT.done;
}

export function usageOf(verb: string): string {
  return `npm run ralph -- ${verb} ${VERBS[verb].usage}`;
}

/** Whether the words after a verb ask how to write it. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
}

/** parseArgs throws plain errors with a code of its own for a misspelt option: says the nearest one and the usage. */
export function badArguments(thrown: unknown, usage: string): RalphError | null {
  if (!(thrown instanceof Error) || !String((thrown as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS'))
    return null;
  // node goes on about positional arguments that begin with a dash: nobody here has any
  const message = messageOf(thrown).split('. ')[0];
  const asked = /^Unknown option '(--[^']+)'/.exec(message)?.[1];
  const near = asked && nearest(asked, usage.match(/--[a-z][a-z-]+/g) ?? []);
  return new RalphError(near ? `${message}; did you mean ${near}?` : message, {
    remedy: `Usage: ${usage}`,
    exitCode: EXIT.usage,
    cause: thrown,
  });
}
