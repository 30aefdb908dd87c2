import { seededRandom } from '../../../base/random.ts';
import { literal, sourcesOf } from '../tools/library.ts';
import { MECHANISMS, type Mechanism } from './mechanisms.ts';

/** What a request of the blocks wire may say of a family, taken from a shipped example that the model does not see. */
export interface Idea {
  readonly family: string;
  /** The example's own sentence, with the number that refutes it. */
  readonly hypothesis: string;
  readonly timeframe: string;
  /** The rule to code, one property of the strategy a line. */
  readonly rule: string;
}

/** The ideas of the library, one a file, without a rule yet. */
export function ideasOf(projectDir: string): Idea[] {
  return sourcesOf(projectDir, 'library').map(({ source }) => ({
    family: literal(source, 'family'),
    hypothesis: literal(source, 'hypothesis'),
    timeframe: literal(source, 'timeframe'),
    rule: '',
  }));
}

/**
 * The idea for one try: a rule of the family where one is known, with numbers and timeframe drawn by cycle and try, so that no two cycles ask
 * in the same words. A family of the model's own making borrows the rule of another.
 */
export function pickIdea(ideas: readonly Idea[], family: string | null, cycle: number, attempt: number): Idea {
  const random = seededRandom(`idea/${cycle}/${attempt}`);
  const draw = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const name = draw(family !== null && Object.hasOwn(MECHANISMS, family) ? [family] : Object.keys(MECHANISMS));
  const mechanism = MECHANISMS[name];
  const known = ideas.find((idea) => idea.family === name)?.hypothesis;
  return {
    family: family ?? name,
    hypothesis: known ?? `${mechanism.enter} pays after costs; refuted if train Sharpe < 0.5 over at least 60 trades`,
    timeframe: draw(mechanism.timeframes),
    rule: ruleOf(mechanism, draw),
  };
}

function ruleOf({ params, series, enter, leave, extra }: Mechanism, draw: (list: readonly number[]) => number): string {
  const numbers = Object.entries(params).map(([name, values]) => `${name}: ${draw(values)}`);
  return [
    ...(extra ? [`Beside timeframe: \`${extra},\``] : []),
    `Params: \`${numbers.join(', ')}\``,
    ...series.map((each) => `Indicator: \`${each}\``),
    `Go long when \`${enter}\``,
    `Go flat when \`${leave}\``,
  ].join('\n');
}
