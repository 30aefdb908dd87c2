/** Bars of several symbols, column by column: a look at a bar through its symbol would follow a pointer more. */
export interface Columns {
  readonly times: readonly Float64Array[];
  readonly opens: readonly Float64Array[];
  readonly highs: readonly Float64Array[];
  readonly lows: readonly Float64Array[];
  readonly closes: readonly Float64Array[];
}

interface Bars {
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

export function columnsOf(symbols: readonly Bars[]): Columns {
  return {
    times: symbols.map(({ time }) => time),
    opens: symbols.map(({ open }) => open),
    highs: symbols.map(({ high }) => high),
    lows: symbols.map(({ low }) => low),
    closes: symbols.map(({ close }) => close),
  };
}
