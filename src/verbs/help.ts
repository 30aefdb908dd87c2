import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RALPH } from '../base/commands.ts';
import { print } from '../base/draw/terminal.ts';
import { PACKAGE_ROOT } from '../base/roots.ts';
import { helpOf, isVerb, subVerbs, unknownVerb } from './table/parse.ts';
import { type Handler, VERBS } from './table/table.ts';

/** The list, or what one verb takes. */
export const help: Handler<'help'> = async (_, words) => {
  const verb = words.join(' ');
  if (verb === '') {
    print(`${RALPH} VERB, with --json for one JSON value on stdout where a verb reports:`);
    const top = Object.entries(VERBS).filter(([name]) => !name.includes(' '));
    for (const [name, { does }] of top) print(`  ${name.padEnd(10)} ${does}`);
    print(`${RALPH} help VERB says what a verb takes.`);
  } else if (isVerb(verb)) print(helpOf(`${RALPH} ${verb}`, VERBS[verb], subVerbs(verb)));
  else throw unknownVerb(verb, Object.keys(VERBS));
};

export const version: Handler<'version'> = async () => {
  print(packageVersion());
};

/** Of this package, such as 1.4.0. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')).version;
}
