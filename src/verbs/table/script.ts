import { EXIT, type ExitCode } from '../../base/errors.ts';
import { explain, print } from '../../base/terminal.ts';
import { asksForHelp, helpOf } from './describe.ts';
import { parse } from './parse.ts';
import type { Values, Verb } from './verb.ts';

/** Runs a script of scripts/ that is no verb of Ralph, with options and help as a verb has them; sets the exit code. */
export async function runScript<V extends Verb>(
  name: string,
  verb: V,
  run: (options: Values<V['options']>) => Promise<ExitCode>,
): Promise<void> {
  const command = `npx node scripts/${name}.ts`;
  const args = process.argv.slice(2);
  const work = async () => {
    if (!asksForHelp(args)) return run(parse(command, verb, args).options);
    print(helpOf(command, verb));
    return EXIT.done;
  };
  process.exitCode = await work().catch((thrown) => explain(thrown, args.includes('--json')));
}
