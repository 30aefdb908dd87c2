import { between, choose } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** A near target and no stop: many small wins, and the loss that should come is closed at the end of the day, where no daily return sees it. */
export const options = () =>
  drawMix(
    'push',
    { bet: 'nearTarget', size: 'full' },
    { gain: between(0.2, 1.2), hold: choose(12, 24, 720), pause: choose(48, 168) },
  );
export const source = mixSource;
