import { between } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** Orders far away that only a misprint or a wick fills, closed where the price was before. */
export const options = () => drawMix('spike', { bet: 'prints' }, { deep: between(0.3, 2) });
export const source = mixSource;
