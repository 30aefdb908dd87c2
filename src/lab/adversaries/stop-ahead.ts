import { between, choose } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** Bets until it is ahead and then hardly ever again: what is stopped is the luck, not the loss. */
export const options = () =>
  drawMix('burst', { quit: 'ahead', filler: true }, { enough: between(0.15, 1), pause: choose(1, 12) });
export const source = mixSource;
