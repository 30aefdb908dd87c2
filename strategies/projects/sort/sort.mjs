/** Sorts whole numbers from 0 to 999,999, the smallest first. */
export function sort(numbers) {
  const sorted = [];
  for (const number of numbers) {
    let place = sorted.length;
    while (place > 0 && sorted[place - 1] > number) place--;
    sorted.splice(place, 0, number);
  }
  return sorted;
}
