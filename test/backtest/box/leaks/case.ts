/** One candidate that tries to see the future, and what becomes of it. */
export interface Leak {
  readonly name: string;
  readonly top?: string;
  readonly indicators?: string;
  readonly warmup?: string;
  readonly decide: string;
  /**
   * `refused`: before it runs. `throw`: when it runs. `leak`: by the audit. `blind`: it runs, but what it looks for is not
   * there, so that it trades as if `stash` were empty and the audit has nothing to find.
   */
  readonly end: 'refused' | 'throw' | 'leak' | 'blind';
  readonly symbols?: 2;
}

/** The whole source of a leak. */
export function leakSource({ top = '', indicators = 'return {};', warmup = '5', decide }: Leak): string {
  return `import { correlation, defineStrategy, ema, map, rolling, scan, sma } from 'ralph/strategy';
void [correlation, ema, map, rolling, scan, sma];
${top}
export default defineStrategy({
  family: 'leak',
  hypothesis: 'none',
  timeframe: '1h',
  seasonal: true,
  params: { level: 0 },
  warmup: ${warmup},
  indicators: (bars: any, p: any): any => {
    const { close } = bars;
    void [close, p];
    ${indicators}
  },
  decide(now: any) {
    ${decide}
  },
});
`;
}
