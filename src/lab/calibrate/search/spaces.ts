import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { readConfig } from '../../../base/config.ts';
import { MODULE_ENDING } from '../../../base/module-ending.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { Space } from './search.ts';

const axis = z.union([
  z.array(z.number()).min(1),
  z.looseObject({ min: z.number(), max: z.number(), step: z.number().positive() }),
]);
const spacesSchema = z.record(z.string(), z.looseObject({ family: z.string(), params: z.record(z.string(), axis) }));

/** Where the library's import leads in a checkout: the package's own entry exists only once it is built. */
const API = pathToFileURL(join(import.meta.dirname, `../../../strategy/index${MODULE_ENDING}`)).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'ralph/strategy' ? { url: API, shortCircuit: true } : next(specifier, context),
});

/** Loads the shipped library, which is trusted, with the values that its spaces.yaml names. */
export async function readSpaces(libraryDir: string): Promise<Space[]> {
  const spaces = readConfig(join(libraryDir, 'spaces.yaml'), spacesSchema);
  return Promise.all(
    Object.entries(spaces).map(async ([name, { params }]) => {
      const module: { default: StrategyDefinition } = await import(pathToFileURL(join(libraryDir, `${name}.ts`)).href);
      const values = Object.fromEntries(Object.entries(params).map(([param, values]) => [param, valuesOf(values)]));
      return { name, definition: module.default, values };
    }),
  );
}

function valuesOf(values: z.output<typeof axis>): number[] {
  if (Array.isArray(values)) return values;
  const { min, max, step } = values;
  // Rounded, so that 0.1 + 2 x 0.1 is 0.3 and equal points are equal.
  return Array.from({ length: Math.floor((max - min) / step + 1e-9) + 1 }, (_, k) =>
    Number((min + k * step).toPrecision(12)),
  );
}
