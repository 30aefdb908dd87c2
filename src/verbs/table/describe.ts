import { PACKAGE_ROOT, PROJECT_DIR } from '../../base/roots.ts';
import type { Option } from './options.ts';
import { VERBS } from './table.ts';
import type { Verb } from './verb.ts';

/** How Ralph is called here: from a checkout, or as an installed package. */
export const RALPH = PACKAGE_ROOT === PROJECT_DIR ? 'npm run ralph --' : 'npx ralph';

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
export function written(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function optionOf([key, { form }]: [string, Option<unknown>]): string {
  return form === null ? `--${written(key)}` : `--${written(key)} ${form}`;
}

/** Whether the words after a verb ask how to write it. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
}
