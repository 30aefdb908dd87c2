import { between, choose, newFamily, strategyFile } from './adversary.ts';
import { betting, CHOICES, MIX_STATE, type Mix } from './parts.ts';

/** Choices of one mixed cheat at random; what is given stays. */
export function drawMix(
  kind: string,
  given: Partial<Omit<Mix, 'params'>> = {},
  params: Partial<Mix['params']> = {},
): Mix {
  return {
    family: newFamily(kind),
    side: choose(...CHOICES.side),
    size: choose(...CHOICES.size),
    bet: choose(...CHOICES.bet),
    quit: choose(...CHOICES.quit),
    filler: choose(true, false),
    ...given,
    params: {
      look: choose(6, 24, 72, 168),
      gain: between(0.3, 4),
      deep: between(0.5, 4),
      hold: choose(6, 12, 24, 72, 168, 720),
      pause: choose(1, 12, 48, 168),
      unit: between(0.1, 0.8),
      enough: between(0.2, 1.5),
      sign: choose(1, -1),
      ...params,
    },
  };
}

export function mixSource(mix: Mix): string {
  return strategyFile({ family: mix.family, params: mix.params, state: MIX_STATE, decide: betting(mix) });
}
