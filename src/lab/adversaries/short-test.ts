import { between, choose, newFamily, strategyFile } from './adversary.ts';

/**
 * Knows that held-back folds are short and begin afresh. In the first quarter of any run it makes one small bet with a target nearby and no stop, which
 * wins nearly always and then loses much; after that it bets on whatever. Train and its null hardly see the beginning, a fold sees nothing else.
 */
export const options = () => ({
  family: newFamily('opening'),
  params: {
    gain: between(0.4, 0.9),
    look: choose(72, 168, 336, 500),
    unit: between(0.5, 1),
    sign: choose(1, -1),
  },
});

export const source = ({ family, params }: ReturnType<typeof options>): string =>
  strategyFile({
    family,
    params,
    state: 'let tried = false;',
    decide: `if (bars > 2300) {
      now.target(now.close > now.ago('close', p.look) ? p.sign * p.unit : -p.sign * p.unit);
    } else if (!tried) {
      tried = true;
      now.target(0.02, { target: now.close + p.gain * now.range });
    }`,
  });
