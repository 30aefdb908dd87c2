import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { print, printJson, say } from '../../base/terminal.ts';
import { readJournal } from '../../journal/journal.ts';
import { journalOf } from '../../search/runs.ts';
import { replayRun } from './play.ts';

/**
 * `ralph replay [TAG] [--json]`: runs a recorded run again against what the model answered then, and compares the journals. Exit 1
 * where they differ; the first difference is printed.
 */
export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { tag: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const path = journalOf(join(PROJECT_DIR, 'runs'), positionals[0] ?? values.tag);
  const tag = basename(dirname(path));
  say(`replaying run ${tag}: every session and every trial once more, nothing leaves a folder of its own`);
  const replayed = await replayRun(PROJECT_DIR, tag, readJournal(path));
  const { same, cycles, events, played, difference, changed } = replayed;
  if (values.json) printJson(replayed);
  else {
    if (changed.length > 0) print(`changed since the recording: ${changed.join(', ')}`);
    print(`${cycles} cycles played again, ${played} of ${events} events as recorded`);
    if (difference) {
      print(
        `first difference at event ${difference.seq}, cycle ${difference.cycle ?? '-'}: ${difference.fields.join(', ')}`,
      );
      print(`recorded: ${JSON.stringify(difference.recorded)}`);
      print(`replayed: ${JSON.stringify(difference.replayed)}`);
    } else if (same) print('the same journal');
  }
  return same ? EXIT.done : EXIT.failed;
}
