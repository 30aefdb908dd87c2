/** Numbers a row: time, symbol, action, weight, limit, trigger, stop, target, trail, bars, flags. Absent prices are NaN. */
export const DECISION_WIDTH = 11;

export const ACTION = { target: 1, order: 2, protect: 3, flat: 4, cancel: 5 } as const;

/** Every order a strategy gave, as numbers, in the order it gave them: what two runs are compared by. */
export class DecisionLog {
  /** Rows given so far. */
  length = 0;
  /**
   * `DECISION_WIDTH` numbers a row, row after row; longer than needed. Column 0 is the close of the bar decided on, epoch ms. Short at first: the engine
   * compiled before it ever grew would be compiled anew.
   */
  values: Float64Array = new Float64Array(DECISION_WIDTH * 16);
  /** The names that a universe's `now.of` was asked for. */
  readonly named = new Set<string>();

  /** Starts an empty row and returns the offset of its first number. */
  row(): number {
    const at = this.length * DECISION_WIDTH;
    if (at + DECISION_WIDTH > this.values.length) {
      const larger = new Float64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.length += 1;
    return at;
  }

  clear(): void {
    this.length = 0;
  }
}
