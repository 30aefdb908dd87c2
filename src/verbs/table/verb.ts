import { join } from 'node:path';
import { PROJECT_DIR } from '../../base/roots.ts';
import { flag, folder, type Option, text } from './options.ts';

/** What stands on the command line beside the options: how the usage shows it, and how many words there may be. */
export interface Words {
  readonly form: string;
  readonly least: number;
  readonly most: number;
}

export interface Verb {
  readonly does: string;
  readonly words?: Words;
  readonly options: Readonly<Record<string, Option<unknown>>>;
}

/** What a handler gets for the options of a verb. */
export type Values<O extends Verb['options']> = { readonly [K in keyof O]: O[K] extends Option<infer V> ? V : never };

export const one = (form: string): Words => ({ form, least: 1, most: 1 });
export const atMostOne = (form: string): Words => ({ form: `[${form}]`, least: 0, most: 1 });
export const any = (form: string, least = 0): Words => ({ form, least, most: Number.POSITIVE_INFINITY });

/** Options that many verbs take. */
export const json = flag('one JSON value on stdout');
export const tag = text('the run; without it the one written last', 'TAG');
export const runs = text('the folder of the runs', 'DIR', { default: join(PROJECT_DIR, 'runs') });
export const runConfig = folder('config files that take precedence over those the run started with');
