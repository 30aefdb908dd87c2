import { between } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** Doubles a losing position until it comes back: smooth until it does not. */
export const options = () =>
  drawMix('recovery', { bet: 'averaging' }, { gain: between(0.3, 2), deep: between(0.5, 3) });
export const source = mixSource;
