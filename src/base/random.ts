/** A seeded stream of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * sfc32 (Chris Doty-Humphrey, PractRand), seeded through splitmix32 from a number or a text.
 * Integer arithmetic only: the same seed gives the same stream on every machine.
 */
export function seededRandom(seed: number | string): Random {
  let mix = typeof seed === 'number' ? seed | 0 : textHash(seed);
  const next = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
  let [a, b, c, counter] = [next(), next(), next(), 1];
  const random = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) random();
  return random;
}

/** A standard normal draw (Marsaglia's polar method, the second value is thrown away to keep the stream simple). */
export function gaussian(random: Random): number {
  for (;;) {
    const u = 2 * random() - 1;
    const v = 2 * random() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** A draw from the beta distribution with shapes `a` and `b`, both above 0. */
export function beta(random: Random, a: number, b: number): number {
  const x = gamma(random, a);
  return x / (x + gamma(random, b));
}

/** A draw from the gamma distribution of scale 1 (Marsaglia & Tsang 2000); a shape below 1 is raised by one and scaled back. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * Math.max(random(), 1e-12) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const z = gaussian(random);
    const v = (1 + z / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(Math.max(random(), 1e-300)) < (z * z) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** One element of a non-empty array, each equally likely. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)];
}

/** One element, drawn with probability in proportion to its weight; the last one when all weights are 0. Needs a non-empty array. */
export function drawWeighted<T>(random: Random, items: readonly T[], weight: (item: T) => number): T {
  const weights = items.map((item) => Math.max(0, weight(item)));
  let place = random() * weights.reduce((sum, one) => sum + one, 0);
  for (const [index, one] of weights.entries()) {
    if (place < one) return items[index];
    place -= one;
  }
  return items[items.length - 1];
}

/** FNV-1a (Fowler, Noll & Vo 1991) over UTF-16 units: a whole number of 32 bits, signed. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** Two rounds of the finaliser of MurmurHash3: a coin for each number, in any order. */
export function mixed(seed: number, value: number): number {
  let h = seed ^ Math.imul(value | 0, 0x9e3779b1);
  for (let round = 0; round < 2; round++) {
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    h = (h + seed) | 0;
  }
  return h ^ (h >>> 15);
}
