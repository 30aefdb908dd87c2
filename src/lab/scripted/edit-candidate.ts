import { pick, type Random } from '../../base/random.ts';

export interface Draft {
  readonly name: string;
  readonly strategy: string;
  readonly yaml: string;
}

const STEPS = [0.5, 0.7, 0.85, 1, 1.2, 1.5, 2];

export interface Wish {
  readonly name: string;
  /** A whole `symbols:` line, or null to leave the one that is there. */
  readonly symbols: string | null;
  readonly lean: 'calmer' | 'livelier' | 'any';
}

/**
 * Another candidate from an existing one: new name, and parameters moved by a step each. `calmer` moves periods up and
 * `livelier` down, which is how a person would answer too many or too few trades.
 */
export function vary(
  files: Readonly<Record<string, string>>,
  { name, symbols, lean }: Wish,
  random: Random,
): Draft | null {
  const found = sourcesIn(files);
  if (!found) return null;
  const { strategy, yaml } = found;
  const steps =
    lean === 'calmer'
      ? STEPS.filter((step) => step >= 1)
      : lean === 'livelier'
        ? STEPS.filter((step) => step <= 1)
        : STEPS;
  const params = PARAMS.exec(yaml)?.[0];
  const moved = params?.replaceAll(
    /(\w+:\s*)(-?\d+(?:\.\d+)?)/g,
    (_, key: string, value: string) => `${key}${step(Number(value), pick(random, steps))}`,
  );
  return {
    name,
    strategy: withoutSlip(strategy),
    yaml: named(params && moved ? yaml.replace(params, moved) : yaml, name, symbols),
  };
}

const PARAMS = /^params:\s*(\{[^}]*\}|(?:\n[ ]+\S.*)+)/m;

function sourcesIn(files: Readonly<Record<string, string>>): { strategy: string; yaml: string } | null {
  const ending = (end: string) => Object.entries(files).find(([file]) => file.endsWith(end))?.[1];
  const [strategy, yaml] = [ending('.ts'), ending('.yaml')];
  return strategy === undefined || yaml === undefined ? null : { strategy, yaml };
}

function named(yaml: string, name: string, symbols: string | null): string {
  return withoutSweep(
    yaml.replace(/^strategy:.*$/m, `strategy: ${name}.ts`).replace(/^symbols:.*$/m, (line) => symbols ?? line),
  );
}

/** A slip that passes every check and fails on the first decision, as models make them: a list read before it was filled. */
export function withSlip(strategy: string): string {
  return strategy.replace(
    /(\n\s*decide\([^)]*\)\s*(?::\s*\w+\s*)?\{)/,
    `$1\n    const recent: number[] = [];\n    if (recent[0].valueOf() > now.close) return;`,
  );
}

/** The same without the slip. */
function withoutSlip(strategy: string): string {
  return strategy.replaceAll(/\n\s*const recent: number\[\] = \[\];|\n\s*if \(recent\[0\][^\n]*/g, '');
}

function withoutSweep(yaml: string): string {
  return yaml.replace(/^sweep:.*(?:\n[ ]+\S.*)*\n?/m, '');
}

function step(value: number, factor: number): number {
  const next = value * factor;
  if (!Number.isInteger(value)) return Number(next.toPrecision(3));
  return value > 0 ? Math.max(1, Math.round(next)) : Math.round(next);
}
