import { parseArgs } from 'node:util';
import { RALPH } from '../../base/commands.ts';
import { explain, print } from '../../base/draw/terminal.ts';
import { EXIT, type ExitCode, messageOf, type RalphError, UsageError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import type { Option } from './options.ts';
import { VERBS, type VerbName } from './table.ts';
import type { Values, Verb, Words } from './verb.ts';

/** A command line that was understood. */
export interface Call {
  readonly verb: Exclude<VerbName, 'data'>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
}

/** Finds the verb of a command line and reads what it takes. Throws RalphError (exit 2) for what the table does not know. */
export function understand([asked = 'help', ...rest]: readonly string[]): Call {
  const first = asked === '-h' ? 'help' : asked.replace(/^-+/, '');
  const verb = [`${first} ${rest[0]}`, first].find(isVerb);
  if (verb === undefined) throw unknownVerb(asked, Object.keys(VERBS));
  const args = verb === first ? rest : rest.slice(1);
  if (asksForHelp(args)) return { verb: 'help', options: {}, words: verb.split(' ') };
  const read = parse(`${RALPH} ${verb}`, VERBS[verb], args, subVerbs(verb));
  // `data` alone never gets here: it needs the word that makes another verb of it.
  return { verb: verb as Call['verb'], ...read };
}

/** Reads the options and words behind `command`; `subs` are the words that would have made another verb of it. */
export function parse<V extends Verb>(
  command: string,
  verb: V,
  args: readonly string[],
  subs: readonly string[] = [],
): { options: Values<V['options']>; words: readonly string[] } {
  const usage = usageOf(command, verb);
  const { values, words } = readArgs(args, verb, usage);
  const options = Object.entries(verb.options).map(([key, option]) => {
    const read = (values[written(key)] ?? []).map((given) => {
      const got = given === true ? true : option.read(given);
      if (got !== undefined) return got;
      throw refusal(`--${written(key)} takes ${option.expects}; got "${given}"`, usage, option.expects);
    });
    return [key, option.many ? read : (read.at(-1) ?? option.otherwise)];
  });
  checkWords(words, verb.words, subs, usage);
  return { options: Object.fromEntries(options) as Values<V['options']>, words };
}

function checkWords(words: readonly string[], known: Words | undefined, subs: readonly string[], usage: string): void {
  const { form, least, most } = known ?? { form: '', least: 0, most: 0 };
  const isText = most > 1;
  const near = subs.includes(words[0]) ? words[0] : nearest(words[0] ?? '', subs);
  if (subs.length > 0 && words.length > 0 && (!isText || subs.includes(words[0]) || (words.length === 1 && near))) {
    const meant = near
      ? `; did you mean "${near}"? It comes first, before every option`
      : `; it is one of ${subs.join(', ')}`;
    throw refusal(`"${words.join(' ')}" is not a command here${meant}`, usage);
  }
  if (words.length < least) throw refusal(`${form} is missing`, usage);
  if (words.length > most)
    throw refusal(`expected ${form || 'no word beside the options'}; got "${words.join(' ')}"`, usage);
}

/** What node makes of the words; a misspelt option is refused with the nearest known one. */
function readArgs(args: readonly string[], verb: Verb, usage: string) {
  const known = Object.entries(verb.options).map(([key, { form, short }]) => [
    written(key),
    { type: form === null ? ('boolean' as const) : ('string' as const), multiple: true, ...(short && { short }) },
  ]);
  try {
    const options = Object.fromEntries(known);
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: values as Record<string, (string | true)[] | undefined>, words: positionals };
  } catch (thrown) {
    // Node adds sentences about words that begin with a dash.
    const message = messageOf(thrown).split('. ')[0];
    const asked = /^Unknown option '--([^']+)'/.exec(message)?.[1];
    const near = asked && nearest(asked, Object.keys(verb.options).map(written));
    throw refusal(near ? `${message}; did you mean --${near}?` : message, usage);
  }
}

/** The refusal of a verb that is not there, with the nearest one. */
export function unknownVerb(asked: string, known: readonly string[]): RalphError {
  const near = nearest(asked, known);
  return new UsageError(`there is no command "${asked}"${near ? `; did you mean "${near}"?` : ''}`, {
    remedy: `See the list with: ${RALPH} help`,
  });
}

function refusal(message: string, usage: string, expected?: string): RalphError {
  return new UsageError(message, { remedy: `Usage: ${usage}`, expected });
}

export function isVerb(name: string): name is VerbName {
  return Object.hasOwn(VERBS, name);
}

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

/** `COMMAND WORDS [--option FORM]…` */
export function usageOf(command: string, { words, options }: Verb): string {
  const parts = Object.entries(options).map((entry) => `[${optionOf(entry)}]${entry[1].many ? '…' : ''}`);
  return [command, ...(words ? [words.form] : []), ...parts].join(' ');
}

/** What a verb is for, how to write it, and each of its options. */
export function helpOf(command: string, verb: Verb, subs: readonly string[] = []): string {
  const options = Object.entries(verb.options).map((entry) => [optionOf(entry), entry[1].about]);
  const width = Math.max(...options.map(([option]) => option.length));
  return [
    `${verb.does}\n\n${usageOf(command, verb)}\n`,
    ...options.map(([option, about]) => `  ${option.padEnd(width)}  ${about}`),
    ...(subs.length > 0 ? [`more: ${subs.map((sub) => `${command} ${sub}`).join(', ')}`] : []),
  ].join('\n');
}

/** The words behind a verb that make another verb of it: `list` for `data list`. */
export function subVerbs(name: string): string[] {
  return Object.keys(VERBS).flatMap((verb) => (verb.startsWith(`${name} `) ? [verb.slice(name.length + 1)] : []));
}

/** An option's key as it is written on the command line. */
function written(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function optionOf([key, { form }]: [string, Option<unknown>]): string {
  return form === null ? `--${written(key)}` : `--${written(key)} ${form}`;
}

/** Whether the words after a verb ask how to write it. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
}
