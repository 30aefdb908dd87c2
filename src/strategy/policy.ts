import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { describeIssues } from '../base/config.ts';
import { messageOf } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { plainLine } from '../base/plain.ts';
import type { CandidateConfig } from './candidate.ts';

/** Largest YAML of a candidate in bytes, and the most points a sweep may name. */
const MAX_BYTES = 8_192;
const MAX_POINTS = 10_000;
/** A session reads the problems; more than these teach it nothing. */
const MAX_PROBLEMS = 8;
const KEYS = ['strategy', 'symbols', 'universe', 'params', 'sweep'];

const name = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/, 'expected a name of letters and digits');
const schema = z
  .strictObject({
    strategy: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}\.ts$/, 'expected a file name such as trend-ema-cross.ts'),
    symbols: z
      .array(z.string().regex(/^[A-Z0-9][A-Z0-9._-]{0,31}$/, 'expected a symbol such as BTCUSD'))
      .min(1, 'expected at least one symbol')
      .max(64, 'expected at most 64 symbols')
      .refine((symbols) => new Set(symbols).size === symbols.length, 'expected each symbol once')
      .default([]),
    universe: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected the name of a set of market.yaml, such as coins')
      .optional(),
    params: z.record(name, z.number()).default({}),
    sweep: z
      .record(
        name,
        z
          .array(z.number())
          .min(1, 'expected at least one value')
          .max(200, 'expected at most 200 values')
          .refine((values) => new Set(values).size === values.length, 'expected each value once'),
      )
      .default({}),
  })
  .superRefine(({ symbols, universe }, context) => {
    if ((symbols.length === 0) === (universe === undefined))
      context.addIssue({
        code: 'custom',
        path: ['symbols'],
        message: 'expected symbols (a list) or universe (the name of a set), one of both',
      });
  });

/**
 * Reads a candidate's YAML and refuses what is not the candidate's to say: dates, costs, fees, leverage and sizing belong
 * to the harness. Every problem is one line with the YAML's line number, the key and the rule.
 */
export function parseCandidateYaml(
  text: string,
): { ok: true; config: CandidateConfig } | { ok: false; problems: string[] } {
  if (Buffer.byteLength(text) > MAX_BYTES)
    return refuse(`the YAML has ${Buffer.byteLength(text)} bytes; the limit is ${MAX_BYTES}`);
  // A directive could make YAML 1.1 of it, where 1:30 is 90.
  if (/^%/m.test(text)) return refuse('directives (%YAML, %TAG) are refused');
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { uniqueKeys: true, lineCounter: lines, merge: false, version: '1.2' });
    const broken = [...document.errors, ...document.warnings].map((problem) => {
      const duplicate = problem.code === 'DUPLICATE_KEY' ? 'a key may stand only once' : firstLine(problem.message);
      return `line ${lines.linePos(problem.pos[0]).line}: ${duplicate}`;
    });
    if (broken.length > 0) return refuse(...broken);
    const problems = refusedNodes(document.contents, lines);
    if (problems.length > 0) return refuse(...problems);
    if (!document.contents) return refuse(`the YAML is empty; expected keys ${KEYS.join(', ')}`);
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    const parsed = schema.safeParse(value);
    if (!parsed.success) return refuse(...describeIssues(parsed.error.issues, schema, value, 'YAML'));
    const points = Object.values(parsed.data.sweep).reduce((product, values) => product * values.length, 1);
    if (points > MAX_POINTS) return refuse(`sweep: ${points} points; the limit is ${MAX_POINTS}`);
    return { ok: true, config: parsed.data };
  } catch (cause) {
    return refuse(`not readable as YAML: ${firstLine(messageOf(cause)).slice(0, 200)}`);
  }
}

function refusedNodes(contents: Node | null, lines: LineCounter): string[] {
  const problems: string[] = [];
  const at = (node: { range?: readonly number[] | null }) => `line ${lines.linePos(node.range?.[0] ?? 0).line}`;
  visit(contents, {
    Alias: (_, node) => void problems.push(`${at(node)}: *${node.source}: aliases are refused; write the value out`),
    Node: (_, node) => {
      if ('anchor' in node && node.anchor) problems.push(`${at(node)}: &${node.anchor}: anchors are refused`);
      if (node.tag?.startsWith('!') || node.tag?.includes('binary'))
        problems.push(`${at(node)}: ${node.tag}: tags are refused`);
    },
    Pair: (_, pair, path) => {
      // The path of a top-level pair is its map alone.
      const problem = refusedKey(pair, path.length === 1);
      if (problem) problems.push(`${at(pair.key as Node)}: ${problem}`);
    },
  });
  if (contents && !isMap(contents)) problems.push(`${at(contents)}: expected keys ${KEYS.join(', ')}`);
  return problems;
}

function refusedKey(pair: Pair, top: boolean): string | undefined {
  if (!isScalar(pair.key) || typeof pair.key.value !== 'string') return 'expected a plain word as a key';
  const key = pair.key.value;
  const rule = ownedByHarness(key, top);
  if (rule) return `"${key}" is refused: ${rule}`;
  if (key === '__proto__' || key === '<<') return `"${key}" is refused as a key`;
  if (!top || KEYS.includes(key)) return undefined;
  const near = nearest(key, KEYS);
  return `unknown key "${key}" (${near ? `did you mean "${near}"?` : `known: ${KEYS.join(', ')}`})`;
}

function firstLine(text: string): string {
  if (/call stack/.test(text)) return 'nested deeper than anybody could read';
  return text.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '');
}

function refuse(...problems: string[]): { ok: false; problems: string[] } {
  return { ok: false, problems: [...new Set(problems)].slice(0, MAX_PROBLEMS).map((each) => plainLine(each, 300)) };
}

/** What the harness owns, and the words in which a candidate might try to say it. Compared without case, `-` and `_`. */
const RULES: readonly { readonly rule: string; readonly anywhere: string; readonly top: string }[] = [
  {
    rule: 'dates and windows belong to the harness (config/windows.yaml)',
    anywhere: `startdate enddate starttime endtime fromdate todate datefrom dateto daterange timerange dates holdout
      embargo backteststart backtestend trainstart trainend trainfrom trainto teststart testend`,
    top: 'date from to start end since until begin period range ranges window windows train selection test folds warmup',
  },
  {
    rule: 'fees belong to the harness (config/market.yaml)',
    anywhere: `fee fees feebps feerate makerfee takerfee makerbps takerbps commission commissions commissionbps
      funding fundingrate fundingbps`,
    top: 'maker taker rebate',
  },
  {
    rule: 'costs belong to the harness (config/market.yaml)',
    anywhere: `cost costs costbps costmodel transactioncost transactioncosts tradingcost tradingcosts slippage
      slippagebps slippagepct`,
    top: 'spread impact participation latency delay tick lot',
  },
  {
    rule: 'leverage belongs to the harness (config/market.yaml)',
    anywhere: 'leverage maxleverage leveragefactor marginratio marginmode',
    top: 'margin gearing borrow',
  },
  {
    rule: 'sizing belongs to the harness (config/market.yaml)',
    anywhere: `sizing positionsize positionsizing ordersize tradesize lotsize betsize riskpertrade initialcapital
      startingcapital initialcash startingcash initialequity`,
    top: `size quantity qty units fraction amount notional risk allocation allocations weight weights capital cash equity
      balance stake`,
  },
  {
    rule: 'gates belong to the harness (config/gates.yaml)',
    anywhere: '',
    top: 'gate gates threshold thresholds score objective metric metrics benchmark',
  },
];

/**
 * The rule that a YAML key breaks, or undefined. A few words mean the harness's business at the top level alone:
 * `window: 20` under `params` is a parameter like any other.
 */
function ownedByHarness(key: string, top: boolean): string | undefined {
  const word = key.toLowerCase().replaceAll(/[-_ ]/g, '');
  return RULES.find(({ anywhere, top: alsoTop }) => has(anywhere, word) || (top && has(alsoTop, word)))?.rule;
}

function has(list: string, word: string): boolean {
  return list.split(/\s+/).includes(word) && word !== '';
}
