// Preloaded into a harness: the wall clock is off by as many ms as the file RALPH_SOAK_CLOCK says, as if somebody had set it.
import { readFileSync } from 'node:fs';

const real = Date.now;
const path = process.env.RALPH_SOAK_CLOCK;
let [offset, looked] = [0, Number.NEGATIVE_INFINITY];

function shift() {
  if (path && performance.now() - looked > 200) {
    looked = performance.now();
    try {
      offset = Number(readFileSync(path, 'utf8')) || 0;
    } catch {
      offset = 0;
    }
  }
  return offset;
}

Date.now = () => real() + shift();
