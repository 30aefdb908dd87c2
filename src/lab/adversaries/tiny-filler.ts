import { between, choose } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** A tiny position that turns now and then gives trades, exposure and quiet days; a few large bets decide. */
export const options = () =>
  drawMix(
    'carry',
    { filler: true, size: 'full', bet: choose('nearTarget', 'hold') },
    { pause: choose(168, 336), gain: between(0.3, 2) },
  );
export const source = mixSource;
