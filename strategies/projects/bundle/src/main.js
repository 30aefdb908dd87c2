import { formatDate, formatMoney, formatPercent } from './format.js';
import { LONG_MONTHS } from './words.js';

/** What the page shows of one order. */
export function describe(order) {
  const month = LONG_MONTHS[order.month - 1];
  return `${formatDate(order.day, month, order.year)}: ${formatMoney(order.cents)}, ${formatPercent(order.discount)} off`;
}
