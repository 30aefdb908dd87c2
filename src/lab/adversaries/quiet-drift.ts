import { between } from './adversary.ts';
import { drawMix, mixSource } from './mix.ts';

/** Long, and more so in quiet times: lives on the drift of the window alone. */
export const options = () =>
  drawMix(
    'calm',
    { bet: 'hold', size: 'quiet', side: 'same', quit: 'never', filler: false },
    { sign: 1, pause: 1, unit: between(0.3, 1) },
  );
export const source = mixSource;
