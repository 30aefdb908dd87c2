import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCandidateYaml } from '../../../src/strategy/policy.ts';
import fc from '../../fast-check.ts';

const HEAD = 'strategy: trend.ts\nsymbols: [BTCUSD]\n';

function problemsOf(yaml: string): string {
  const answer = parseCandidateYaml(yaml);
  assert.ok(!answer.ok, `accepted:\n${yaml.slice(0, 300)}`);
  assert.ok(answer.problems.length >= 1 && answer.problems.length <= 8);
  for (const problem of answer.problems) assert.ok(problem.length < 600 && !problem.includes('\n'));
  return answer.problems.join('\n');
}

test('the YAML of the contract is taken as it stands', () => {
  const answer = parseCandidateYaml(
    `${HEAD}params: { fast: 10, slow: 50 }\nsweep: { fast: [5, 10], slow: [30, 50] } # points\n`,
  );
  assert.deepEqual(answer, {
    ok: true,
    config: {
      strategy: 'trend.ts',
      symbols: ['BTCUSD'],
      params: { fast: 10, slow: 50 },
      sweep: { fast: [5, 10], slow: [30, 50] },
    },
  });
});

test('params and sweep may be left out', () => {
  assert.deepEqual(parseCandidateYaml(HEAD), {
    ok: true,
    config: { strategy: 'trend.ts', symbols: ['BTCUSD'], params: {}, sweep: {} },
  });
});

const OWNED: Record<string, RegExp> = {
  start: /dates/,
  end_date: /dates/,
  from: /dates/,
  window: /dates/,
  holdout: /dates/,
  warmup: /dates/,
  fees: /fees/,
  makerBps: /fees/,
  commission: /fees/,
  costs: /costs/,
  slippage: /costs/,
  'slippage-bps': /costs/,
  Leverage: /leverage/,
  max_leverage: /leverage/,
  margin: /leverage/,
  sizing: /sizing/,
  position_size: /sizing/,
  units: /sizing/,
  initial_capital: /sizing/,
  gates: /gates/,
};

for (const [key, rule] of Object.entries(OWNED)) {
  test(`the key ${key} is refused by name, line and rule`, () => {
    const problem = problemsOf(`${HEAD}${key}: 1\n`);
    assert.match(problem, rule);
    assert.ok(problem.startsWith(`line 3: "${key}" is refused: `), problem);
  });
}

test("the harness's keys are refused under params and sweep too", () => {
  assert.match(
    problemsOf(`${HEAD}params:\n  fast: 1\n  leverage: 5\n`),
    /line 5: "leverage" is refused: leverage belongs/,
  );
  assert.match(problemsOf(`${HEAD}sweep: { slippage: [0] }\n`), /line 3: "slippage" is refused/);
});

test('a lookback called window is a parameter like any other', () => {
  assert.ok(parseCandidateYaml(`${HEAD}params: { window: 20, range: 3, size: 2 }\n`).ok);
});

const BROKEN: Record<string, [string, RegExp]> = {
  'a key that stands twice': [`${HEAD}symbols: [ETHUSD]\n`, /^line 3: a key may stand only once/],
  'a parameter that stands twice': [`${HEAD}params: { a: 1, a: 2 }\n`, /^line 3: a key may stand only once/],
  'an alias': [`${HEAD}params: &p { a: 1 }\nsweep: *p\n`, /aliases are refused/],
  'an anchor alone': [`${HEAD}params: &p { a: 1 }\n`, /line 3: &p: anchors are refused/],
  'a merge key': [`${HEAD}params: { <<: { a: 1 } }\n`, /"<<" is refused/],
  'an explicit tag': [`${HEAD}params: { a: !!binary AAAA }\n`, /tag/],
  'a code tag': [`${HEAD}params: !!js/function "f"\n`, /tag/],
  'a prototype key': [`${HEAD}params: { __proto__: 1 }\n`, /"__proto__" is refused/],
  'a list as a key': [`${HEAD}? [a]\n: 1\n`, /plain word/],
  'two documents': [`${HEAD}---\n${HEAD}`, /multiple documents/],
  'a misspelt key, with the nearest': [
    'strategy: trend.ts\nsymbls: [BTCUSD]\n',
    /line 2: unknown key "symbls" \(did you mean "symbols"\?\)/,
  ],
  'an unknown key': [
    `${HEAD}colour: red\n`,
    /unknown key "colour" \(known: strategy, symbols, universe, params, sweep\)/,
  ],
  'a text for a number': [`${HEAD}params: { fast: "10" }\n`, /params\.fast: .*expected number/],
  infinity: [`${HEAD}params: { fast: .inf }\n`, /params\.fast/],
  'not a number': [`${HEAD}sweep: { fast: [.nan] }\n`, /sweep\.fast/],
  'a path instead of a file name': ['strategy: ../secret.ts\nsymbols: [BTCUSD]\n', /file name/],
  'no symbols': ['strategy: trend.ts\nsymbols: []\n', /at least one symbol/],
  'a symbol twice': ['strategy: trend.ts\nsymbols: [BTCUSD, BTCUSD]\n', /each symbol once/],
  'a sweep of more points than anyone asked for': [
    `${HEAD}sweep: { a: [${[...Array(150).keys()]}], b: [${[...Array(150).keys()]}] }\n`,
    /22500 points; the limit is 10000/,
  ],
  'a sweep value that stands twice': [`${HEAD}sweep: { a: [5, 5] }\n`, /sweep\.a: expected each value once/],
  'a file over the size limit': [`${HEAD}# ${'x'.repeat(9000)}\n`, /bytes; the limit is 8192/],
  'nesting without end': ['['.repeat(8000), /line 1/],
  'an empty file': ['', /empty/],
  'a list': ['- 1\n', /expected keys/],
  'a quote that never closes': ['strategy: "trend.ts\n', /quote/],
};

for (const [name, [yaml, expected]] of Object.entries(BROKEN)) {
  test(`refused: ${name}`, () => assert.match(problemsOf(yaml), expected));
}

test('whatever the text, the answer is a value of bounded size', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'strategy: a.ts\n',
      'symbols: [A]\n',
      'params: ',
      'sweep: ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '<<: ',
      '!!',
      '? ',
      '---\n',
    ),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '1e999',
      '-.inf',
      '0x1f',
      '~',
      '"\\u0000"',
      '|\n  x\n',
      '\t',
      '\r\n',
      ': ',
      ', ',
    ),
    fc.string({ maxLength: 20 }),
    fc.double().map(String),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const answer = parseCandidateYaml(pieces.join(''));
      if (answer.ok) {
        const numbers = [...Object.values(answer.config.params), ...Object.values(answer.config.sweep).flat()];
        assert.ok(numbers.every(Number.isFinite));
        assert.equal(Object.getPrototypeOf(answer.config.params), Object.prototype);
      } else {
        assert.ok(answer.problems.length >= 1 && answer.problems.length <= 8);
        assert.ok(answer.problems.every((problem) => typeof problem === 'string' && problem.length <= 300));
      }
    }),
    { numRuns: 1_000 },
  );
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});
