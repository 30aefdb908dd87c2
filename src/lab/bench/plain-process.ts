import { plainCross } from './plain.ts';
import { walk } from './walk.ts';

/** The plain loop in a process of its own, so that its garbage is cleared at its own cost. Argument: number of bars. Plays once a message. */
const bars = walk(Number(process.argv[2]), 7);
process.on('message', () => process.send?.(plainCross(bars, 10, 50, 0.9, 0.001)));
