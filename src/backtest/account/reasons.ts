/** Why a fill happened, and the number that the ledger stores for it: places in this list. */
export const REASON = {
  market: 0,
  limit: 1,
  trigger: 2,
  stop: 3,
  target: 4,
  trailing: 5,
  delisting: 6,
  liquidation: 7,
  membership: 8,
} as const;

export type Reason = keyof typeof REASON;

/** Their names by these numbers. */
export const REASONS = Object.keys(REASON) as readonly Reason[];
