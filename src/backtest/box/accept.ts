import { z } from 'zod';
import { TIMEFRAMES } from '../../market/bars.ts';
import type {
  BoxAnswer,
  CausalityReport,
  Fill,
  FutureReport,
  MemoryReport,
  SimulationRequest,
  SimulationResult,
} from '../contract.ts';

const finite = z.number();
const count = z.number().int().nonnegative();
const column = z.instanceof(Float64Array).refine(areFinite, 'holds a number that is not finite');

const trades = z
  .strictObject({
    length: count,
    symbol: z.instanceof(Uint8Array),
    side: z.instanceof(Int8Array),
    entryTime: column,
    exitTime: column,
    entryPrice: column,
    exitPrice: column,
    quantity: column,
    profit: column,
  })
  .refine(
    ({ length, ...columns }) => Object.values(columns).every((each) => each.length === length),
    'columns of unequal length',
  );

const price = finite.nullable();
const standing = z.strictObject({
  symbol: z.string().max(40),
  timeframe: z.enum(TIMEFRAMES),
  bar: finite,
  close: finite,
  decided: price,
  position: finite,
  entryPrice: price,
  stop: price,
  target: price,
  trailingStop: price,
  orders: z
    .array(
      z.strictObject({
        side: z.enum(['buy', 'sell']),
        kind: z.enum(['market', 'limit', 'trigger', 'trigger-limit']),
        quantity: finite.positive(),
        limit: price,
        trigger: price,
        stop: price,
        target: price,
        trail: price,
        reduceOnly: z.boolean(),
      }),
    )
    .max(64),
});

const result = z
  .looseObject({
    scenario: z.string().max(100),
    params: z.record(z.string(), finite),
    cash: finite,
    finalEquity: finite,
    days: column,
    dayEquity: column,
    dayBenchmark: column,
    dayVariation: column,
    benchmarkVariation: column,
    trades,
    maxDrawdown: finite,
    underwaterMs: finite,
    adverse: finite,
    roundTrips: finite,
    bars: count,
    barsInPosition: count,
    meanExposure: finite,
    traded: finite,
    fees: finite,
    slippage: finite,
    funding: finite,
    decisions: count,
    fillCount: count,
    ruined: z.boolean(),
    symbols: z
      .array(z.strictObject({ symbol: z.string().max(40), profit: finite, traded: finite, exposure: finite }))
      .max(100)
      .optional(),
    equityFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    fills: z.custom<readonly Fill[]>(areFills, 'expected fills').optional(),
    standings: z.array(standing).max(100).optional(),
  })
  .refine(
    ({ days, ...r }) =>
      [r.dayEquity, r.dayBenchmark, r.dayVariation, r.benchmarkVariation].every(({ length }) => length === days.length),
    'days of unequal length',
  )
  .refine(
    (r) => r.dayEquity.length === 0 || r.dayEquity.at(-1) === r.finalEquity,
    'the last day does not end with the final equity',
  )
  .refine((r) => r.barsInPosition <= r.bars, 'more bars in position than bars')
  .refine((r) => r.fills === undefined || r.fills.length === r.fillCount, 'fills do not match their count');

/** Hundreds of columns a second pass here: a loop, because a call a number takes several times as long. */
function areFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** There may be a hundred thousand of them: a loop, because a schema an object takes longer than the simulation. */
function areFills(value: unknown): value is readonly Fill[] {
  if (!Array.isArray(value)) return false;
  return value.every((fill: unknown) => {
    if (typeof fill !== 'object' || fill === null) return false;
    const { symbol, time, price, quantity, fee, reason } = fill as Partial<Fill>;
    const text = typeof symbol === 'string' && symbol.length <= 40 && typeof reason === 'string' && reason.length <= 20;
    return text && [time, price, quantity, fee].every(Number.isFinite);
  });
}

const future = z.strictObject({
  cuts: count,
  compared: count,
  leak: z.strictObject({ cut: finite, decision: finite, message: z.string().max(600) }).nullable(),
});

const memory = z.strictObject({
  scaled: z.string().max(600).nullable(),
  agreement: finite,
  ruined: z.boolean().optional(),
  prices: z.tuple([finite, finite]),
});

const fingerprints = z.array(z.string().regex(/^[0-9a-f]{64}$/));

/** Takes as many fingerprints as there are windows. */
export function acceptFingerprints(value: unknown, windows: number): BoxAnswer<string[]> {
  const parsed = fingerprints.length(windows).safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

/** Takes the child's results only when each has the shape, the sizes and the scenario that was asked for. */
export function acceptResults(value: unknown, requests: readonly SimulationRequest[]): BoxAnswer<SimulationResult[]> {
  const parsed = z.array(result).length(requests.length).safeParse(value);
  if (!parsed.success) return refuse(parsed.error);
  const stranger = parsed.data.findIndex(({ scenario, params }, i) => {
    const asked = requests[i];
    return (
      scenario !== asked.scenario.name || Object.entries(asked.params).some(([key, value]) => params[key] !== value)
    );
  });
  if (stranger >= 0) return { ok: false, kind: 'protocol', message: `answer ${stranger} is to another question` };
  return { ok: true, value: value as SimulationResult[] };
}

/** Takes an answer for each point that was asked about. */
export function acceptAllowed(value: unknown, points: number): BoxAnswer<boolean[]> {
  const parsed = z.array(z.boolean()).length(points).safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

/** Takes a report on the future only when it has the shape of one. */
export function acceptFuture(value: unknown): BoxAnswer<FutureReport> {
  const parsed = future.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

/** The same of a report on memory. */
export function acceptMemory(value: unknown): BoxAnswer<MemoryReport> {
  const parsed = memory.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

/** Takes a whole report, as a far evaluation gives it, only when it has the shape of one. */
export function acceptAudit(value: unknown): BoxAnswer<CausalityReport> {
  const parsed = future.extend({ memory: memory.optional() }).safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(parsed.error);
}

function refuse(error: z.ZodError): BoxAnswer<never> {
  const { path, message } = error.issues[0];
  return {
    ok: false,
    kind: 'protocol',
    message: `an answer of the wrong shape: ${path.join('.')}: ${message}`.slice(0, 300),
  };
}
