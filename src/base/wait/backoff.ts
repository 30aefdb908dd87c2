/** How long to wait after so many failures in a row: `first` after one, twice as long after each further one, at most `most`; 0 after none. In the unit of its bounds. */
export function backoff(failures: number, first: number, most: number): number {
  // Past 2^1000 a double is infinite, and so is a wait of 0 times that.
  return failures <= 0 ? 0 : Math.min(most, first * 2 ** Math.min(failures - 1, 1000));
}
