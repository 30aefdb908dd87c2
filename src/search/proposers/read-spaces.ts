import { z } from 'zod';
import { readConfig } from '../../base/config.ts';
import type { SearchSpace } from './space.ts';

const values = z.array(z.number()).min(1);

const schema = z.record(
  z.string().regex(/^[a-z0-9-]+$/),
  z.strictObject({ family: z.string(), params: z.record(z.string(), values) }),
);

/**
 * Reads strategies/library/spaces.yaml: for each strategy file its family and the values worth trying of every parameter.
 * Throws RalphError (exit 2).
 */
export function readSpaces(path: string): SearchSpace[] {
  return Object.entries(readConfig(path, schema)).map(([strategy, { family, params }]) => ({
    strategy,
    family,
    values: Object.fromEntries(Object.entries(params).map(([name, list]) => [name, list.toSorted((a, b) => a - b)])),
  }));
}
