import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toScript } from '../../backtest/compile/transform.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
import * as strategyApi from '../../strategy/index.ts';
import type { Adversary, Seen, SeenTrial } from '../adversaries/adversary.ts';
import { FAMILIES } from '../adversaries/families.ts';
import type { Experiment } from './experiments.ts';
import type { Ground, Proposer, Space, Trial } from './search/search.ts';

/**
 * Proposes what an adversary's module draws, its own families and those from outside alike. Its Math.random is seeded, so that a search can
 * be repeated, and every simulation gets a newly evaluated strategy, as in an evaluation process. A module from outside is trusted, as any
 * script that a user runs, and sees the time of its bars, which a candidate in a run does not.
 */
export async function adversaryProposers(
  { family, adversary = '' }: Pick<Experiment, 'family' | 'adversary'>,
  { market = [] }: Ground,
): Promise<(random: Random) => Proposer> {
  const { options, source } = family === undefined ? await readModule(adversary) : FAMILIES[family];
  const dated = family === undefined;
  const spaces = new Map<string, Space>();
  return (random) => {
    // What `options` drew for each trial of this search.
    const drawn: unknown[] = [];
    const seenTrial = ({ outcome }: Trial, index: number): SeenTrial => ({
      options: drawn[index],
      score: outcome.score,
      passed: outcome.gates.filter(({ passed }) => passed).length,
    });
    const draw = (index: number, seen: Seen): string => {
      const usual = Math.random;
      Math.random = random;
      try {
        const choice = options(seen);
        drawn[index] = choice;
        return source(choice as never);
      } finally {
        Math.random = usual;
      }
    };
    return async (done) => {
      const text = draw(done.length, { market, trials: done.map(seenTrial) });
      const space = spaces.get(text) ?? spaceOf(await toScript(text), spaces.size, dated);
      spaces.set(text, space);
      return { space, params: {} };
    };
  };
}

async function readModule(file: string): Promise<Adversary> {
  const module: Partial<Adversary> = await import(pathToFileURL(resolve(file)).href);
  if (typeof module.options !== 'function' || typeof module.source !== 'function') {
    throw new RalphError(`${file}: expected a module that exports options() and source(options)`, {
      remedy: 'options() draws the choices of one candidate; source(options) returns the text of its strategy file.',
      exitCode: EXIT.usage,
    });
  }
  return module as Adversary;
}

function spaceOf(script: string, index: number, dated: boolean): Space {
  const fresh = (): StrategyDefinition => {
    const strategy = evaluated(script);
    return dated ? strategy : { ...strategy, calendar: strategy.seasonal ? 'week' : 'none' };
  };
  const definition = fresh();
  return { name: `${definition.family} ${index}`, definition, fresh, values: {} };
}

function evaluated(script: string): StrategyDefinition {
  const module = { exports: {} as { default?: StrategyDefinition } };
  const run = new Function('require', 'module', 'exports', script);
  run(() => strategyApi, module, module.exports);
  if (module.exports.default === undefined) throw new TypeError('the source exports no strategy');
  return module.exports.default;
}
