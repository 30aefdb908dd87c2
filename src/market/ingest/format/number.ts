const [DOT, ZERO, NINE] = ['.', '0', '9'].map((sign) => sign.charCodeAt(0));
const PATTERN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** So many digits are a whole number that a float holds exactly, and so is the power of ten: their quotient is the nearest float. */
const MOST_DIGITS = 15;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, k) => 10 ** k);

/**
 * A decimal number with a point: `12`, `-.5`, `1.`, `3e-4`; NaN for any other text, where Number() alone would take '', ' 1', '0x10' and
 * 'Infinity' too. It is asked six times a row, so that short numbers without a sign go a quicker way to the same value.
 */
export function plainNumber(text: string): number {
  const { length } = text;
  if (length > MOST_DIGITS + 1) return slowly(text);
  let whole = 0;
  let point = -1;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= ZERO && code <= NINE) whole = whole * 10 + (code - ZERO);
    else if (code === DOT && point === -1) point = i;
    else return slowly(text);
  }
  const digits = point === -1 ? length : length - 1;
  if (digits === 0 || digits > MOST_DIGITS) return slowly(text);
  return point === -1 ? whole : whole / POWERS[length - 1 - point];
}

function slowly(text: string): number {
  return PATTERN.test(text) ? Number(text) : Number.NaN;
}
