import type { ArrowFunction } from 'typescript/unstable/ast';
import { isBlock, isReturnStatement } from 'typescript/unstable/ast/is';
import { writePair } from './pair.ts';
import { COLUMN, INDEX, LABEL, LENGTH, MADE, OFFSET, OWN, oneLine, START, write } from './write.ts';

/** The loop of a `map`; undefined for a callback of no known shape. */
export function mapLoop(callback: ArrowFunction, source: string): string | undefined {
  const names = namesOf(callback, source);
  const body = names && bodyOf(callback, source, (value) => `${MADE}[${INDEX}] = (${value});`);
  return body && loop(names.length, `0`, `${bound(names)} ${body} ${MADE}[${INDEX}] = undefined;`);
}

/** The loop of a `scan`, with the `output` of its state if it has one. */
export function scanLoop(step: ArrowFunction, output: ArrowFunction | undefined, source: string): string | undefined {
  const state = `${OWN}s`;
  const [own, ...names] = namesOf(step, source) ?? [];
  const shown = output && shownBy(output, state, source);
  if (own === undefined || (output && shown === undefined)) return undefined;
  const put = shown ?? `${MADE}[${INDEX}] = ${state};`;
  const body = bodyOf(step, source, (value) => `${state} = (${value}); ${put}`);
  const rest = endsByItself(step) ? '' : `${state} = undefined; ${put}`;
  return (
    body &&
    loop(names.length, '0', `let ${own} = ${state}; ${bound(names)} ${body} ${rest}`, `let ${state} = ${START};`)
  );
}

/** The loop of a `rolling`. Its windows are read in place; a bar outside of them throws, and the callback itself is asked. */
export function rollingLoop(callback: ArrowFunction, source: string): string | undefined {
  const names = namesOf(callback, source);
  if (!names?.every((name) => /^[\w$]+$/.test(name))) return undefined;
  const windows = new Map(names.map((name, k) => [name, k]));
  const body = bodyOf(callback, source, (value) => `${MADE}[${INDEX}] = (${value});`, windows);
  const offset = `const ${OFFSET} = ${INDEX} - ${START} + 1;`;
  const pair = body && writePair(callback, source, windows);
  const first = pair && `for (; ${INDEX} + 1 < ${MADE}.length; ${INDEX} += 2) { ${offset} ${pair} }`;
  const before = `${GUARD} let ${INDEX} = ${START} - 1; ${first ?? ''}`;
  return body && loop(names.length, undefined, `${offset} ${body} ${MADE}[${INDEX}] = undefined;`, before);
}

/** Lets pass what is a place in the window, and nothing else. */
const GUARD = `const ${LENGTH} = ${START}; const ${OWN}in = (k) => { if (k >>> 0 !== k || k >= ${LENGTH}) throw 0; return k; };`;

/** `from`: the first bar; undefined where `before` has begun. */
function loop(columns: number, from: string | undefined, body: string, before = ''): string {
  const parameters = [MADE, START, ...Array.from({ length: columns }, (_, k) => `${COLUMN}${k}`)].join(', ');
  const head = `for (${from === undefined ? '' : `let ${INDEX} = ${from}`}; ${INDEX} < ${MADE}.length; ${INDEX}++)`;
  return `(${parameters}) => { ${before} ${LABEL}: ${head} { ${body} } }`;
}

/** This bar's values under the callback's own names. */
function bound(names: readonly string[]): string {
  return names.map((name, k) => `let ${name} = ${COLUMN}${k}[${INDEX}];`).join(' ');
}

/** Names or patterns of the parameters; undefined where one stands for several or has a default. */
function namesOf({ parameters }: ArrowFunction, source: string): string[] | undefined {
  if (parameters.some(({ dotDotDotToken, initializer }) => dotDotDotToken || initializer)) return undefined;
  return parameters.map(({ name }) => oneLine(source.slice(name.getStart(), name.end)));
}

function bodyOf(
  callback: ArrowFunction,
  source: string,
  put: (value: string) => string,
  windows: ReadonlyMap<string, number> = new Map(),
): string | undefined {
  const { body } = callback;
  const value = write(body, source, windows, put);
  if (value === undefined) return undefined;
  return isBlock(body) ? value : `{ ${put(value)} continue ${LABEL}; }`;
}

/** What a scan shows of its state; of an expression alone. */
function shownBy(output: ArrowFunction, state: string, source: string): string | undefined {
  const names = namesOf(output, source);
  if (names?.length !== 1 || isBlock(output.body)) return undefined;
  const value = oneLine(source.slice(output.body.getStart(), output.body.end));
  return `{ let ${names[0]} = ${state}; ${MADE}[${INDEX}] = (${value}); }`;
}

/** It cannot end without a value. */
function endsByItself({ body }: ArrowFunction): boolean {
  if (!isBlock(body)) return true;
  const last = body.statements.at(-1);
  return last !== undefined && isReturnStatement(last);
}
