import { compileCandidate } from '../../../backtest/compile/compile.ts';
import type { SimulationResult } from '../../../backtest/contract.ts';
import { RalphError } from '../../../base/errors.ts';
import { openObjects, textsOf } from '../../../journal/objects.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { tradedBy } from '../../../market/universe/members.ts';
import type { TaskOptions } from '../../options.ts';
import { candidateFrom } from '../context.ts';
import { openTrading } from '../open.ts';
import { playFull, playOfTrial } from './play-full.ts';

/** A trial as it was played on its train window. */
export interface TrainPlay {
  /** At normal costs, fills included. */
  readonly result: SimulationResult;
  /** The candidate's symbols, and the frozen window of each. */
  readonly symbols: readonly string[];
  readonly windowFiles: readonly string[];
}

/** Plays a trial on its train window again. Throws RalphError when it is not what the trial was judged by, or cannot be had. */
export async function trainResult(
  options: Pick<TaskOptions, 'projectDir' | 'configDir' | 'runDir'>,
  trial: Trial,
): Promise<TrainPlay> {
  const files = textsOf(openObjects(options.runDir), trial.started.files);
  const { frozen, market, spares, held } = await openTrading(options);
  await Promise.all([spares.close(), held.close()]);
  const compiled = await compileCandidate(candidateFrom(trial.candidate, files));
  if (!compiled.ok) throw unlike(trial, compiled.problems.join('; '));
  const traded = tradedBy(compiled.config, frozen, market);
  if (typeof traded === 'string') throw unlike(trial, traded);
  const { symbols } = traded;
  const windowFiles = symbols.map((symbol) => {
    const file = frozen.train.find((each) => each.symbol === symbol);
    if (file) return file.path;
    throw unlike(trial, `no bars of ${symbol}`);
  });
  const answer = await playFull(
    { code: compiled.code, windowFiles, market: traded.market },
    playOfTrial(trial, frozen.train[0].range.to),
  );
  if (!answer.ok) throw unlike(trial, answer.message);
  const { equityFingerprint } = answer.value;
  const then = trial.finished?.equityFingerprint ?? null;
  if (then !== null && then !== equityFingerprint)
    throw unlike(trial, `fingerprint ${equityFingerprint}, then ${then}`);
  return { result: answer.value, symbols, windowFiles };
}

function unlike({ trial, candidate }: Trial, why: string): RalphError {
  return new RalphError(`${trial} (${candidate}) cannot be played as it was: ${why}`, {
    remedy: `See what changed since then: npm run ralph -- reproduce ${trial}`,
  });
}
