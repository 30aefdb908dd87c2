/** What a candidate imports as 'ralph/strategy', and nothing else: `valuesOf` and `makeSeries` must never appear here. */
export type { Timeframe } from '../market/bars.ts';
export { neutralise, rank, topK, zscoreAcross } from './across.ts';
export { choice, type RangeOptions, range } from './axes.ts';
export { defineStrategy } from './definition.ts';
export * from './indicators/index.ts';
export type { ClosedBar, Now, OrderOptions, Protection } from './now.ts';
export type { Series } from './series.ts';
export type { SymbolView, UniverseNow } from './universe.ts';
