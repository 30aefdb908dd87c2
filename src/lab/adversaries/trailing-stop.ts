import { between, choose } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** A tight trailing stop, which earned on any market while the path inside a minute was decided for the strategy. */
export const options = () =>
  drawMix('ride', { bet: 'trail', filler: false }, { gain: between(0.05, 1), pause: choose(1, 6, 12) });
export const source = mixSource;
