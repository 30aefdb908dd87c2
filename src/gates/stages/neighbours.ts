import type { BoxAnswer, SimulationRequest } from '../../backtest/contract.ts';
import { median } from '../../base/numbers.ts';
import type { Params } from '../../strategy/candidate.ts';
import { atLeast, plain } from '../check.ts';
import { evidenceOf } from '../evidence.ts';
import { type StageAnswer, type StageContext, type TrainFindings, trainRequest } from './stage.ts';

/** A number in the code is a parameter too, and one that cannot be moved cannot be tested. */
const LIFT = 'declare the numbers that decide under params and use them as p.name';

/**
 * Every parameter one step down and one step up: a neighbour that crashes counts as a Sharpe ratio of 0. A parameter that changes
 * not one trade either way is no neighbour: with enough of them beside it a fragile one would be outvoted.
 */
export async function neighboursStage(context: StageContext, train: TrainFindings): Promise<StageAnswer> {
  const { config, workbench } = context;
  const around = await neighbouringOf(context);
  if (!around.ok) return around;
  if (around.value.length === 0)
    return [plain('neighbours', 'median', false, 'parameter_fragile', `no parameter to move: ${LIFT}`)];
  const found: { readonly name: string; readonly sharpe: number; readonly same: boolean }[] = [];
  // Asked together, so that a workbench far away needs one message; each is answered for itself.
  const asked = around.value.map(({ request }) => workbench.simulate('train', [request]));
  for (const [k, answer] of (await Promise.all(asked)).entries()) {
    const { name } = around.value[k];
    if (!answer.ok && answer.kind !== 'throw') return answer;
    const sharpe = answer.ok && !answer.value[0].ruined ? evidenceOf(answer.value[0]).sharpe : 0;
    const same = answer.ok && answer.value[0].equityFingerprint === train.result.equityFingerprint;
    found.push({ name, sharpe: Number.isFinite(sharpe) ? sharpe : 0, same });
  }
  const acting = new Set(found.flatMap(({ name, same }) => (same ? [] : [name])));
  const sharpes = found.flatMap(({ name, sharpe }) => (acting.has(name) ? [sharpe] : []));
  if (sharpes.length === 0)
    return [plain('neighbours', 'median', false, 'parameter_fragile', `no parameter changes a trade: ${LIFT}`)];
  const stage = 'neighbours';
  const own = train.evidence.sharpe;
  const count = `${sharpes.length} neighbours`;
  const positive = sharpes.filter((sharpe) => sharpe > 0).length / sharpes.length;
  return [
    atLeast(stage, 'median', median(sharpes), own * config.neighbours.minMedianShare, {
      class: 'parameter_fragile',
      label: 'median sharpe of the neighbours',
      note: `own ${own.toFixed(2)}, ${count}`,
    }),
    atLeast(stage, 'positive', positive, config.neighbours.minPositive, {
      class: 'parameter_fragile',
      label: 'share of neighbours above 0',
      note: count,
    }),
  ];
}

interface Neighbour {
  readonly name: string;
  readonly request: SimulationRequest;
}

/** Of a tuned trial a parameter is moved in all parts of its path at once, where the candidate's `where` allows it in each. */
async function neighbouringOf(context: StageContext): Promise<BoxAnswer<Neighbour[]>> {
  const { config, params, walk, workbench, train } = context;
  const { step } = config.neighbours;
  const nameOf = (moved: Params, own: Params) => Object.keys(own).find((key) => moved[key] !== own[key]) ?? '';
  if (!walk) {
    const moved = neighboursOf(params, step);
    const value = moved.map((point) => ({
      name: nameOf(point, params),
      request: trainRequest({ params: point, train }),
    }));
    return { ok: true, value };
  }
  const found: Neighbour[] = [];
  for (const name of Object.keys(params)) {
    for (const side of [-1, 1] as const) {
      const moved = walk.map((part) => ({ ...part, params: movedBy(part.params, name, side, step) ?? part.params }));
      if (moved.every((part, k) => part.params === walk[k].params)) continue;
      const allowed = await workbench.allowed(moved.map((part) => part.params));
      if (!allowed.ok) return allowed;
      if (allowed.value.every(Boolean)) found.push({ name, request: trainRequest({ params, walk: moved, train }) });
    }
  }
  return { ok: true, value: found };
}

/** One step either way in each parameter; whole numbers stay whole and move by at least 1, and never reach 0 from above. A parameter of 0 is a switch and stays. */
export function neighboursOf(params: Params, step: number): Params[] {
  return Object.keys(params).flatMap((name) =>
    ([-1, 1] as const).map((side) => movedBy(params, name, side, step)).filter((moved) => moved !== null),
  );
}

function movedBy(params: Params, name: string, side: -1 | 1, step: number): Params | null {
  const value = params[name];
  const size = Number.isInteger(value) ? Math.max(1, Math.round(Math.abs(value) * step)) : Math.abs(value) * step;
  const to = value + side * size;
  return value === 0 || Math.sign(to) !== Math.sign(value) ? null : { ...params, [name]: to };
}
