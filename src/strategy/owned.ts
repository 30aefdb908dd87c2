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
export function ownedByHarness(key: string, top: boolean): string | undefined {
  const word = key.toLowerCase().replaceAll(/[-_ ]/g, '');
  return RULES.find(({ anywhere, top: alsoTop }) => has(anywhere, word) || (top && has(alsoTop, word)))?.rule;
}

function has(list: string, word: string): boolean {
  return list.split(/\s+/).includes(word) && word !== '';
}
