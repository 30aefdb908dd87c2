import { join } from 'node:path';
import { steerVerb } from '../src/loop/steer.ts';

export const run = steerVerb(join(import.meta.dirname, '..'), 'resume');
