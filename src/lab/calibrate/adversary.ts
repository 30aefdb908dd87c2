import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toScript } from '../../backtest/compile/transform.ts';
import { EXIT, RalphError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
import * as strategyApi from '../../strategy/index.ts';
import type { Proposal, Proposer } from './search.ts';

/** What a reviewer brings: `options()` draws one candidate, `source(options)` is the text of its strategy file. */
interface AdversaryModule {
  readonly options: () => unknown;
  readonly source: (options: unknown) => string;
}

/**
 * The trials of one search, drawn from an outsider's module. Its Math.random is seeded, so that a search can be repeated. Every simulation
 * gets a newly evaluated strategy, as in an evaluation process. The module is trusted, as any script that a user runs.
 */
export async function adversaryProposer(file: string, trials: number, random: Random): Promise<Proposer> {
  const { options, source } = await readModule(file);
  const proposals: Proposal[] = [];
  const usual = Math.random;
  for (let trial = 0; trial < trials; trial++) {
    Math.random = random;
    let text: string;
    try {
      text = source(options());
    } finally {
      Math.random = usual;
    }
    const script = await toScript(text);
    const fresh = () => evaluated(script);
    const definition = fresh();
    proposals.push({ space: { name: `${definition.family} ${trial}`, definition, fresh, values: {} }, params: {} });
  }
  return (done) => proposals[done.length] ?? null;
}

async function readModule(file: string): Promise<AdversaryModule> {
  const module: Partial<AdversaryModule> = await import(pathToFileURL(resolve(file)).href);
  if (typeof module.options !== 'function' || typeof module.source !== 'function') {
    throw new RalphError(`${file}: expected a module that exports options() and source(options)`, {
      remedy: 'options() draws the choices of one candidate; source(options) returns the text of its strategy file.',
      exitCode: EXIT.usage,
    });
  }
  return module as AdversaryModule;
}

function evaluated(script: string): StrategyDefinition {
  const module = { exports: {} as { default?: StrategyDefinition } };
  const run = new Function('require', 'module', 'exports', script);
  run(() => strategyApi, module, module.exports);
  if (module.exports.default === undefined) throw new TypeError('the source exports no strategy');
  return module.exports.default;
}
