import { between } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** Resting limits on both sides of the price, with near targets and without a stop: earns in quiet times, pays in loud ones. */
export const options = () => drawMix('fade', { bet: 'limits' }, { deep: between(0.5, 3), gain: between(0.2, 1.5) });
export const source = mixSource;
