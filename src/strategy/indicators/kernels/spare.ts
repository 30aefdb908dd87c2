/** Columns that nothing reads any more. */
let spare: Float64Array[] = [];

/** More are dropped: a column of two years of minutes is 8 MB. */
const MOST = 8;

/** A column of unknown content, of which every row has to be written. Memory that was written before costs a fraction of new memory. */
export function lentColumn(length: number): Float64Array {
  const at = spare.findIndex((column) => column.length === length);
  return at < 0 ? new Float64Array(length) : spare.splice(at, 1)[0];
}

/** Takes columns back that nothing will read again, and of which no series is left in the hands of a candidate. */
export function takeBack(columns: readonly Float64Array[]): void {
  spare = [...spare, ...columns].slice(-MOST);
}
