import type { SourceFile } from 'typescript/unstable/ast';
import type { Diagnostic } from 'typescript/unstable/async';
import { messageOf } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { plainLine } from '../../base/plain.ts';
import type { Axes } from '../../strategy/axes.ts';
import type { CandidateConfig, CandidateFiles, Params } from '../../strategy/candidate.ts';
import { withImports } from '../../strategy/imports.ts';
import { parseCandidateYaml } from '../../strategy/policy.ts';
import { splitMap } from '../box/places.ts';
import { check, TypesTooSlow } from './checker.ts';
import { cureFor } from './cures.ts';
import { readHeader } from './header.ts';
import { literalsIn, tooManyNumbers } from './literals.ts';
import { insert, writtenOf } from './loops/insert.ts';
import { loopsOf } from './loops/loops.ts';
import { mark } from './marks.ts';
import { nestedTooDeep } from './nesting.ts';
import { placeOf } from './place.ts';
import { hasPureCustoms } from './pure/pure.ts';
import { brokenRules } from './rules.ts';
import { isStateless } from './stateless.ts';
import { BrokenSyntax, toScript } from './transform.ts';

/** Largest strategy file in bytes, and its longest line: more cannot be reviewed. */
const MAX_BYTES = 32_768;
const MAX_LINE = 500;
/** A session reads the problems; more than these teach it nothing. */
const MAX_PROBLEMS = 8;

/** A candidate that may be run: its script for `openBox`, and what its files say. */
export interface Compiled {
  readonly ok: true;
  readonly code: string;
  readonly config: CandidateConfig;
  readonly family: string;
  readonly hypothesis: string;
  readonly timeframe: string;
  /** It is shown the hour and the weekday. */
  readonly seasonal: boolean;
  /** It decides on all symbols at once; `config.symbols` stands in rising order, whatever the YAML's. */
  readonly universe: boolean;
  /** Parameters of the strategy file; the YAML's override them. */
  readonly defaults: Params;
  /** Those of them that are tuned, unless the YAML fixes them. */
  readonly axes: Axes;
  /** Numbers written in the strategy file, each once. */
  readonly numbers: readonly number[];
}

/** A candidate that was refused before anything ran. Each problem is one line, with line:column where there is one. */
export interface NotCompiled {
  readonly ok: false;
  readonly stage: 'policy' | 'types' | 'syntax';
  readonly problems: string[];
}

/** Candidates that compiled lately: one is written, checked, probed and tried without a change between. */
const compiledLately = new Map<string, Promise<Compiled | NotCompiled>>();
const REMEMBERED = 8;

/**
 * Checks a candidate's two files (YAML policy, sizes, import policy, types) and transforms the strategy, without running
 * any of it. A missing or wrong import line is written first (see `withImports`). Refusals are values; a throw means that the compiler itself failed.
 */
export function compileCandidate(files: CandidateFiles): Promise<Compiled | NotCompiled> {
  const key = JSON.stringify([files.name, files.source, files.yaml]);
  const before = compiledLately.get(key);
  if (before) return before;
  const compiling = compileNow(files);
  compiledLately.set(key, compiling);
  const forget = () => compiledLately.delete(key);
  // Types that took too long on a busy machine may be checked in time later.
  compiling.then(({ ok }) => ok || forget(), forget);
  if (compiledLately.size > REMEMBERED) compiledLately.delete(compiledLately.keys().next().value!);
  return compiling;
}

async function compileNow(files: CandidateFiles): Promise<Compiled | NotCompiled> {
  const { source } = withImports(files.source);
  const yaml = parseCandidateYaml(files.yaml);
  if (!yaml.ok) return refuse('policy', yaml.problems);
  const { config } = yaml;
  if (config.strategy !== `${files.name}.ts`) {
    return refuse('policy', [`YAML: strategy: expected ${files.name}.ts, got ${config.strategy}`]);
  }
  const oversized = sizeProblem(source);
  if (oversized) return refuse('policy', [oversized]);
  const [checked, script] = await Promise.all([
    check(source).catch((cause: unknown) => {
      if (cause instanceof TypesTooSlow) return cause.message;
      throw cause;
    }),
    toScript(source).catch((cause: unknown) => {
      if (cause instanceof BrokenSyntax) return { failed: messageOf(cause) };
      throw cause;
    }),
  ]);
  if (typeof checked === 'string') return refuse('types', [checked]);
  if (checked.syntax.length > 0) return refuse('syntax', describe(checked.syntax, source));
  // Before anything that walks the tree.
  const deep = nestedTooDeep(checked.file, source);
  if (deep) return refuse('policy', [deep]);
  const literals = literalsIn(checked.file);
  const many = tooManyNumbers(literals, source);
  const broken = [...brokenRules(checked.file, source), ...(many ? [many] : [])];
  if (broken.length > 0) return refuse('policy', broken);
  if (checked.types.length > 0) return refuse('types', describe(checked.types, source));
  if (typeof script !== 'string') return refuse('syntax', [script.failed]);
  const { header, problems } = readHeader(checked.file, source);
  if (!header) return refuse('policy', problems);
  if (config.universe !== undefined && !header.universe)
    return refuse('policy', [
      `YAML: universe: ${config.universe}: only a strategy with universe: true decides on a set; name one symbol, or add universe: true to the strategy`,
    ]);
  const unknown = unknownParams(config, header.defaults);
  if (unknown.length > 0) return refuse('policy', unknown);
  const written = literals.filter(({ text }) => text !== '').map(({ text }) => Number(text));
  const numbers = [...new Set(written)].filter(Number.isFinite);
  const code = await markedScript(checked.file, source, script);
  const symbols = header.universe ? config.symbols.toSorted() : config.symbols;
  return { ok: true, code, config: { ...config, symbols }, numbers, ...header };
}

/** The script with its marks; where its custom indicators are pure with loops for them (see loopsOf). */
async function markedScript(file: SourceFile, source: string, script: string): Promise<string> {
  const marks = { stateless: isStateless(file), pure: hasPureCustoms(file) };
  const loops = marks.pure ? loopsOf(file, source) : [];
  if (loops.length === 0) return mark(marks, script);
  const written = writtenOf(source, loops, splitMap(script).script);
  return mark({ ...marks, written }, await toScript(insert(source, loops)));
}

function sizeProblem(source: string): string | undefined {
  const bytes = Buffer.byteLength(source);
  if (bytes > MAX_BYTES) return `the strategy file has ${bytes} bytes; the limit is ${MAX_BYTES}`;
  const long = source.split('\n').findIndex((line) => line.length > MAX_LINE);
  return long < 0 ? undefined : `${long + 1}:1: the line is longer than ${MAX_LINE} characters`;
}

/** One line a diagnostic. Those with a cure come first: what stands behind them is often their consequence. */
function describe(diagnostics: readonly Diagnostic[], source: string): string[] {
  const cured = diagnostics.map((each) => ({ ...each, cure: cureFor(each, source) }));
  return cured
    .sort((a, b) => Number(a.cure === null) - Number(b.cure === null))
    .map(({ pos, text, messageChain, cure }) => {
      const why = messageChain?.[0] ? ` ${messageChain[0].text}` : '';
      return `${placeOf(source, pos)}: ${`${text}${why}`.slice(0, cure ? 120 : 400)}${cure ? ` -> ${cure}` : ''}`;
    });
}

function unknownParams(config: CandidateConfig, defaults: Params): string[] {
  const known = Object.keys(defaults);
  return (['params', 'sweep'] as const).flatMap((section) =>
    Object.keys(config[section])
      .filter((key) => !Object.hasOwn(defaults, key))
      .map((key) => {
        const near = nearest(key, known);
        return `YAML: ${section}.${key}: the strategy has no such parameter (${near ? `did you mean "${near}"?` : `it has ${known.join(', ')}`})`;
      }),
  );
}

function refuse(stage: NotCompiled['stage'], problems: readonly string[]): NotCompiled {
  return { ok: false, stage, problems: [...new Set(problems)].slice(0, MAX_PROBLEMS).map((each) => plainLine(each)) };
}
