import { join } from 'node:path';
import { steerVerb } from '../loop/steer.ts';

export const run = steerVerb(join(import.meta.dirname, '../..'), 'stop');
