import { statSync } from 'node:fs';

/** One option of a verb: how it is written, what it accepts, what it is for. A handler gets a `Value`. */
export interface Option<Value> {
  readonly about: string;
  /** The value as the usage shows it (`N`, `DIR`); null for a switch. */
  readonly form: string | null;
  /** What the value must be: the refusal says it. */
  readonly expects: string;
  /** The value of a text; undefined refuses it. */
  readonly read: (text: string) => Value | undefined;
  /** The value when the option is left out. */
  readonly otherwise: Value;
  readonly short?: string;
  readonly many?: boolean;
}

interface How<Value, Default> {
  readonly default?: Default;
  readonly form?: string;
  readonly short?: string;
  readonly least?: Value;
  readonly most?: Value;
}

/** Makes an option of one kind; what it is when left out is part of its type. */
type Make<Value> = <const Default extends Value | undefined = undefined>(
  about: string,
  how?: How<Value, Default>,
) => Option<Value | Default>;

/** A value that `read` makes out of the text. Other kinds are built from this one. */
export function value<Value, const Default extends Value | undefined = undefined>(
  about: string,
  expects: string,
  read: (text: string) => Value | undefined,
  { default: otherwise, form = 'VALUE', short }: How<Value, Default> = {},
): Option<Value | Default> {
  return { about, form, expects, read, otherwise: otherwise as Default, short };
}

/** A switch: false when left out. */
export function flag(about: string): Option<boolean> {
  return { about, form: null, expects: 'no value', read: () => true, otherwise: false };
}

/** A folder that is there: what a misspelt one would have held is otherwise silently taken from elsewhere. */
export function folder<Default extends string | undefined = undefined>(
  about: string,
  how: How<string, Default> = {},
): Option<string | Default> {
  const read = (given: string) => (statSync(given, { throwIfNoEntry: false })?.isDirectory() ? given : undefined);
  return value(about, 'a folder that exists', read, { form: 'DIR', ...how });
}

export function text<Default extends string | undefined = undefined>(
  about: string,
  form: string,
  how: How<string, Default> = {},
): Option<string | Default> {
  return value(about, `a value (${form})`, (given) => given || undefined, { ...how, form });
}

/** A whole number from `least` (0) to `most`. */
export const whole: Make<number> = (about, how = {}) => {
  const { least = 0, most = Number.MAX_SAFE_INTEGER, default: otherwise } = how;
  const end = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  const read = (given: string) => (/^\d+$/.test(given) ? within(Number(given), least, most) : undefined);
  return value(about, `a whole number from ${least}${end}`, read, { form: String(otherwise ?? 'N'), ...how });
};

/** A number from `least` to `most`, 0 to 1 unless told. */
export const fraction: Make<number> = (about, how = {}) => {
  const { least = 0, most = 1, default: otherwise } = how;
  const read = (given: string) => (given.trim() === '' ? undefined : within(Number(given), least, most));
  const expects = most === Number.MAX_VALUE ? `a number from ${least}` : `a number from ${least} to ${most}`;
  return value(about, expects, read, { form: String(otherwise ?? 'X'), ...how });
};

/** A number of at least 0, such as seconds. */
export const amount: Make<number> = (about, how = {}) => fraction(about, { most: Number.MAX_VALUE, ...how });

/** One of some words. */
export function choice<const Name extends string, const Default extends Name | undefined = undefined>(
  about: string,
  names: readonly Name[],
  how: How<Name, Default> = {},
): Option<Name | Default> {
  return value(about, `one of ${names.join(', ')}`, (given) => names.find((name) => name === given), {
    form: names.join('|'),
    ...how,
  });
}

/** A day such as 2014-01-31, as epoch ms of its start in UTC. */
export const day: Make<number> = (about, how = {}) => {
  const read = (given: string) => {
    const time = /^\d{4}-\d\d-\d\d$/.test(given) ? Date.parse(`${given}T00:00:00Z`) : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
  };
  return value(about, 'a day such as 2014-01-31', read, { form: 'DAY', ...how });
};

/** An option that may be given several times. */
export function several<Value>(one: Option<Value | undefined>): Option<readonly Value[]> {
  return { ...one, otherwise: [], many: true } as unknown as Option<readonly Value[]>;
}

function within(number: number, least: number, most: number): number | undefined {
  return number >= least && number <= most ? number : undefined;
}
