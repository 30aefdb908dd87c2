import { between } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** Bets more after losses, until the old peak is reached again (a martingale on its own equity). */
export const options = () => drawMix('scaled', { size: 'equity' }, { unit: between(0.05, 0.3) });
export const source = mixSource;
