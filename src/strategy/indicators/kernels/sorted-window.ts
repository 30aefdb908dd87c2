/** A window of numbers kept in order: binary search to find a place, one block move to make room. NaN is only counted. */
export class SortedWindow {
  /** NaN values inside. */
  missing = 0;
  #length = 0;
  readonly #sorted: Float64Array;

  constructor(capacity: number) {
    this.#sorted = new Float64Array(capacity + 1);
  }

  add(value: number): void {
    if (Number.isNaN(value)) {
      this.missing += 1;
      return;
    }
    const at = this.countUpTo(value);
    this.#sorted.copyWithin(at + 1, at, this.#length);
    this.#sorted[at] = value;
    this.#length += 1;
  }

  /** Removes one value that was added before. */
  remove(value: number): void {
    if (Number.isNaN(value)) {
      this.missing -= 1;
      return;
    }
    const at = this.countUpTo(value);
    this.#sorted.copyWithin(at - 1, at, this.#length);
    this.#length -= 1;
  }

  /** How many values are not above this one; NaN for NaN. */
  countUpTo(value: number): number {
    if (Number.isNaN(value)) return value;
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The value at a place in the order from 0, linear between whole places. */
  at(place: number): number {
    const below = Math.floor(place);
    const value = this.#sorted[below];
    return below === place ? value : value + (place - below) * (this.#sorted[below + 1] - value);
  }
}
