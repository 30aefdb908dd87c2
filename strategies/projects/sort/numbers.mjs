/** The numbers of one experiment: nobody knows them before, because the seed is new each time. */
export function numbers(seed, count = 20_000) {
  let state = Number(seed) | 0;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % 1_000_000;
  });
}
