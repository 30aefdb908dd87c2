import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { print, printJson } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import { verifyRun } from '../journal/verify/verify.ts';

/** `verify [--tag TAG] [--json]`: exit 0 when nothing was lost, doubled or changed, else 1 and every problem. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: { tag: { type: 'string' }, runs: { type: 'string' }, json: { type: 'boolean' } },
  });
  const dir = runFolder(values.runs ?? join(import.meta.dirname, '../../runs'), values.tag);
  const verification = await verifyRun(dir);
  if (values.json) printJson(verification);
  else {
    for (const { file, line, seq, problem } of verification.problems) {
      print(`${file}${line === null ? '' : `:${line}`}: ${seq === null ? '' : `event ${seq}: `}${problem}`);
    }
    const { cycles, trials, problems } = verification;
    print(
      `${problems.length === 0 ? 'ok' : `${problems.length} problems`}: ${cycles} cycles, ${trials} trials in ${dir}`,
    );
  }
  return verification.ok ? EXIT.done : EXIT.failed;
}
