import { z } from 'zod';
import { SYMBOL } from '../symbol.ts';
import { dateSchema } from '../windows.ts';

/** Most symbols that a set may have had over all time: what an evaluation answers for. */
const MOST = 64;

const symbol = z.string().regex(SYMBOL, 'expected a symbol such as BTCUSD');

/** A member always, or from a day on and up to another: UTC midnights, `to` is the first day that it is none any more. */
const member = z.preprocess(
  (given) => (typeof given === 'string' ? { symbol: given } : given),
  z.strictObject({ symbol, from: dateSchema.optional(), to: dateSchema.optional() }),
);

/** One set: members by list, or the `top` by dollar volume. */
const set = z
  .strictObject({
    members: z.array(member).min(1, 'expected at least one member').optional(),
    top: z.number().int().min(1).max(MOST).optional(),
    of: z.array(symbol).min(1, 'expected at least one symbol').optional(),
    days: z.number().int().min(1).max(3650).default(90),
    everyDays: z.number().int().min(1).optional(),
  })
  .superRefine((value, context) => {
    const say = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if ((value.members === undefined) === (value.top === undefined))
      say([], 'expected either members (a list) or top (how many by dollar volume)');
    if (value.members === undefined) return;
    for (const key of ['of', 'everyDays'] as const)
      if (value[key] !== undefined) say([key], 'expected it beside top only: a list of members has no rule');
    for (const fault of faultsOf(value.members.map(entryOf))) say(['members'], fault);
  });
type UniverseConfig = z.output<typeof set>;

/** `universes` of market.yaml: sets of symbols under their names. */
export const universesSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected a name such as coins: lower-case letters, digits and -'),
  set,
);
export type UniversesConfig = Readonly<Record<string, UniverseConfig>>;

/** One membership of a symbol, epoch ms; open ends are infinite. */
export interface Membership {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
}

/** An entry of `members` with its open ends. */
export function entryOf({ symbol: name, from = -Infinity, to = Infinity }: z.output<typeof member>): Membership {
  return { symbol: name, from, to };
}

function faultsOf(entries: readonly Membership[]): string[] {
  const symbols = new Set(entries.map((entry) => entry.symbol));
  if (symbols.size > MOST) return [`expected at most ${MOST} symbols`];
  return [...symbols].flatMap((name) => {
    const own = entries.filter((entry) => entry.symbol === name).sort((a, b) => a.from - b.from);
    if (own.some(({ from, to }) => to <= from)) return [`expected "to" of ${name} after its "from"`];
    return own.some(({ from }, k) => k > 0 && from < own[k - 1].to)
      ? [`expected memberships of ${name} that do not overlap`]
      : [];
  });
}

/** Names of symbols that a set speaks of and the market does not know, with the place: `coins.members: XRPUSD`. */
export function strangersIn(universes: UniversesConfig, known: Readonly<Record<string, unknown>>) {
  return Object.entries(universes).flatMap(([name, { members, of }]) =>
    [...(members ?? []).map((each) => entryOf(each).symbol), ...(of ?? [])]
      .filter((each) => !Object.hasOwn(known, each))
      .map((each) => ({ name, key: members ? 'members' : 'of', symbol: each })),
  );
}
