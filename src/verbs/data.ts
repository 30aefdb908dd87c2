import { nearest } from '../base/config.ts';
import { EXIT, type ExitCode, RalphError } from '../base/errors.ts';
import { print } from '../base/terminal.ts';
import { asksForHelp } from './help.ts';

const VERBS: Record<
  string,
  { about: string; load: () => Promise<{ USAGE: string; run(args: string[]): Promise<ExitCode> }> }
> = {
  ingest: { about: 'take files of 1-minute bars into the database', load: () => import('./data/ingest.ts') },
  list: { about: 'what is there: symbols, spans, coverage, files', load: () => import('./data/list.ts') },
  verify: {
    about: 'gaps, duplicates, outliers, flat and silent stretches, per month',
    load: () => import('./data/verify.ts'),
  },
  download: { about: 'fetch archives of the exchange’s public data site', load: () => import('./data/download.ts') },
  simulate: { about: 'store a seeded market with a planted edge', load: () => import('./data/simulate.ts') },
};

/** `ralph data VERB …`: getting bars in, and looking at them. */
export async function run(args: string[]): Promise<ExitCode> {
  const [verb, ...rest] = args;
  const found = Object.hasOwn(VERBS, verb ?? '') ? VERBS[verb] : undefined;
  if (found) {
    const loaded = await found.load();
    if (!asksForHelp(rest)) return loaded.run(rest);
    print(`${found.about}\n\n${loaded.USAGE}`);
    return EXIT.done;
  }
  const list = Object.entries(VERBS).map(([name, { about }]) => `  ${name.padEnd(10)}${about}`);
  if (asksForHelp(args)) {
    print(`npm run ralph -- data VERB …\n${list.join('\n')}`);
    return EXIT.done;
  }
  const near = nearest(verb ?? '', Object.keys(VERBS));
  const got = verb === undefined ? '' : `, got "${verb}"${near ? ` (did you mean "${near}"?)` : ''}`;
  throw new RalphError(`data needs one of its verbs${got}:\n${list.join('\n')}`, {
    remedy: 'Try: npm run ralph -- data list',
    exitCode: EXIT.usage,
  });
}
