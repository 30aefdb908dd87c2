import type { Adversary } from './adversary.ts';
import * as averagingDown from './averaging-down.ts';
import * as badPrints from './bad-prints.ts';
import * as climber from './climber.ts';
import * as datesCounter from './dates-counter.ts';
import * as datesLandmark from './dates-landmark.ts';
import { priceBands, priceDigits, volumeDigits } from './fingerprints.ts';
import * as hedgedBet from './hedged-bet.ts';
import * as nearTarget from './near-target.ts';
import * as ownEquity from './own-equity.ts';
import * as priceLevels from './price-levels.ts';
import * as quietDrift from './quiet-drift.ts';
import * as rulesProbe from './rules-probe.ts';
import * as shortTest from './short-test.ts';
import * as shortVolatility from './short-volatility.ts';
import * as stopAhead from './stop-ahead.ts';
import * as tinyFiller from './tiny-filler.ts';
import * as trailingStop from './trailing-stop.ts';
import * as weekTable from './week-table.ts';

/** Every adversary by name: none has an edge, each wants a keep. */
export const FAMILIES: Readonly<Record<string, Adversary>> = {
  'near-target': nearTarget,
  'averaging-down': averagingDown,
  'short-volatility': shortVolatility,
  'stop-ahead': stopAhead,
  'own-equity': ownEquity,
  'tiny-filler': tinyFiller,
  'hedged-bet': hedgedBet,
  'trailing-stop': trailingStop,
  'bad-prints': badPrints,
  'quiet-drift': quietDrift,
  'dates-counter': datesCounter,
  'dates-landmark': datesLandmark,
  'week-table': weekTable,
  'price-levels': priceLevels,
  'price-digits': priceDigits,
  'volume-digits': volumeDigits,
  'price-bands': priceBands,
  'rules-probe': rulesProbe,
  'short-test': shortTest,
  climber,
};
