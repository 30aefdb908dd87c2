import { withImports } from '../../../strategy/imports.ts';

/** Bars that are handed out before the first decision where a strategy does not say how many it needs. */
const WARMUP = 200;

/** What the harness writes into a strategy itself: import line, export, the registered family and hypothesis, a warmup where none is set. */
export function completeSource(source: string, registered: { family: string; hypothesis: string }): string {
  const body = source
    .replaceAll(/^[ \t]*import\b[^;]*?from\s*['"][^'"]*['"];?[ \t]*\n?/gm, '')
    .replace(/^[ \t]*(?:export\s+default\s+)?defineStrategy\s*\(/m, 'export default defineStrategy(')
    .trim();
  const warm = /\bwarmup\b/.test(body)
    ? body
    : body.replace(/defineStrategy\s*\(\s*\{/, (head) => `${head}\n  warmup: ${WARMUP},`);
  const named = setLiteral(setLiteral(warm, 'hypothesis', registered.hypothesis), 'family', registered.family);
  return withImports(`\n${withSeries(withArguments(withOrders(named)))}\n`).source;
}

/** Orders by the names that other frameworks give them. */
function withOrders(body: string): string {
  return body
    .replaceAll(/\bnow\.(?:exit|close|closePosition|closeAll|exitPosition|exitLong)\s*\([^()]*\)/g, 'now.flat()')
    .replaceAll(/\bnow\.(?:buy|enter|enterLong|long)\s*\([^()]*\)/g, 'now.target(1)');
}

/** Series of a timeframe, as `indicators` is given them. */
const SERIES = ['open', 'high', 'low', 'close', 'volume', 'time'];

/** Indicators whose first arguments are always these series, and how many numbers follow. */
const FIRST: Readonly<Record<string, readonly [series: readonly string[], numbers: number]>> = {
  atr: [['high', 'low', 'close'], 1],
  adx: [['high', 'low', 'close'], 1],
  cci: [['high', 'low', 'close'], 1],
  williamsR: [['high', 'low', 'close'], 1],
  keltner: [['high', 'low', 'close'], 2],
  supertrend: [['high', 'low', 'close'], 2],
  stochastic: [['high', 'low', 'close'], 3],
  donchian: [['high', 'low'], 1],
  aroon: [['high', 'low'], 1],
  mfi: [['high', 'low', 'close', 'volume'], 1],
  cmf: [['high', 'low', 'close', 'volume'], 1],
  vwap: [['high', 'low', 'close', 'volume'], 1],
};

/** `atr(close, 14)` says what is meant: where the numbers are all there and the series are not, the series are written as they must be. */
function withArguments(body: string): string {
  return body.replaceAll(/(?<![.\w$])([a-zA-Z]\w*)\(([^()]*)\)/g, (call, name: string, list: string) => {
    const [series, numbers] = Object.hasOwn(FIRST, name) ? FIRST[name] : [[], 0];
    const given = list.split(',').map((each) => each.trim());
    const own = given.filter((each) => !SERIES.includes(each));
    const right = [...series, ...own].join(', ');
    return series.length > 0 && own.length === numbers && right !== given.join(', ') ? `${name}(${right})` : call;
  });
}

/** The series that `indicators` uses stand in its first argument, also where the model forgot one. */
function withSeries(body: string): string {
  const head = /\bindicators\s*(?::\s*\(\s*|\(\s*)\{([^{}]*)\}/.exec(body);
  if (head === null) return body;
  const start = head.index + head[0].length;
  const end = /\bdecide\s*[(:]/.exec(body.slice(start))?.index ?? body.length;
  const code = body.slice(start, start + end);
  const given = head[1].split(',').flatMap((each) => each.trim() || []);
  const missing = SERIES.filter(
    (name) =>
      !given.some((each) => each.startsWith(name)) && new RegExp(`(?<![.\\w'"\`])${name}\\b(?!\\s*:)`).test(code),
  );
  const list = ` ${[...given, ...missing].join(', ')} `;
  return missing.length === 0 ? body : body.replace(head[0], () => head[0].replace(/\{[^{}]*\}/, `{${list}}`));
}

/** A strategy by a rule, with a body of `decide` that the model wrote. */
export function sourceByRule(rule: string, timeframe: string, decide: string): string {
  const of = (label: string) => [...rule.matchAll(new RegExp(`^${label} \`(.*)\``, 'gm'))].map(([, code]) => code);
  return [
    'export default defineStrategy({',
    `  timeframe: '${timeframe}',`,
    ...of('Beside timeframe:').map((line) => `  ${line}`),
    `  params: { ${of('Params:')} },`,
    `  warmup: ${WARMUP},`,
    '  indicators: ({ close }, p) => ({',
    ...of('Indicator:').map((line) => `    ${line},`),
    '  }),',
    `  ${decide.trim().replace(/,$/, '')},`,
    '});',
  ].join('\n');
}

/** The function `decide(…) { … }` of an answer, alone or within a strategy; null for none that is whole. */
export function decideIn(code: string): string | null {
  const head = /\bdecide\s*(?:\(|:\s*\()\s*now\b[^)]*\)\s*(?:=>\s*)?\{/.exec(code);
  if (head === null) return null;
  let depth = 1;
  for (let at = head.index + head[0].length; at < code.length; at++) {
    if (code[at] === '{') depth += 1;
    else if (code[at] === '}') depth -= 1;
    if (depth === 0) return code.slice(head.index, at + 1);
  }
  return null;
}

function setLiteral(body: string, key: string, value: string): string {
  const text = `'${value.replaceAll(/\s+/g, ' ').replaceAll('\\', '').replaceAll("'", '’')}'`;
  const line = new RegExp(`(\\b${key}\\s*:\\s*)(['"\`])(?:\\\\.|(?!\\2)[\\s\\S])*\\2`);
  return line.test(body)
    ? body.replace(line, (_, head: string) => `${head}${text}`)
    : body.replace(/defineStrategy\s*\(\s*\{/, (head) => `${head}\n  ${key}: ${text},`);
}
