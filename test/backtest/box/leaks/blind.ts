import type { Leak } from './case.ts';

/** Those that keep something where it is gone when they look for it. */
export const BLIND: readonly Leak[] = [
  {
    name: 'indicators keep the series for decide in a variable of the file',
    top: 'const stash: number[] = []; let k = 0;',
    indicators: 'return { c: map((x: number) => { stash.push(x); return x; })(close) };',
    decide: 'k += 1; if ((stash[k + 1] ?? 0) > now.close) now.target(1); else now.flat();',
    end: 'blind',
  },
  {
    name: 'a closure made in indicators and called in decide',
    top: 'let stash: (i: number) => number = () => 0; let k = 0;',
    indicators:
      'const seen: number[] = []; stash = (i) => seen[i] ?? 0; return { c: map((x: number) => { seen.push(x); return x; })(close) };',
    decide: 'k += 1; if (stash(k + 1) > now.close) now.target(1); else now.flat();',
    end: 'blind',
  },
  {
    name: 'a property of a function of the file',
    top: 'function helper() { return 0; }',
    indicators:
      '(helper as any).stash = []; return { c: map((x: number) => { (helper as any).stash.push(x); return x; })(close) };',
    decide: 'if (((helper as any).stash?.length ?? 0) > 0) now.target(1); else now.flat();',
    end: 'blind',
  },
  {
    name: 'decide remembers one simulation for the next',
    top: 'const stash: number[] = []; let k = 0;',
    decide: 'k += 1; stash.push(now.close); if ((stash[k + 1] ?? 0) > now.close) now.target(1); else now.flat();',
    end: 'blind',
  },
  {
    name: 'decide remembers the first run of the audit for the others',
    top: 'const stash = new Map<number, number>();',
    decide:
      'const next = stash.get(now.close); stash.set(now.ago("close", 1), now.close); if (next !== undefined && next > now.close) now.target(1); else now.flat();',
    end: 'blind',
  },
  {
    name: 'a helper of the file, reached through an object, remembers the first run for the others',
    top: 'function helper() { return 0; }',
    decide:
      'helper(); const held: any = { helper }; const stash: any = held.helper; stash.seen ??= new Map<number, number>(); const next = stash.seen.get(now.close); stash.seen.set(now.ago("close", 1), now.close); if (next !== undefined && next > now.close) now.target(1); else now.flat();',
    end: 'blind',
  },
  {
    name: 'the prototype of what a generator returns remembers the first run for the others',
    top: 'function* helper() { yield 1; }',
    decide:
      'const stash: any = Object.getPrototypeOf(helper()); stash.seen ??= new Map<number, number>(); const next = stash.seen.get(now.close); stash.seen.set(now.ago("close", 1), now.close); if (next !== undefined && next > now.close) now.target(1); else now.flat();',
    end: 'blind',
  },
];
