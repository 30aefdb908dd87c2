import { print } from '../src/base/draw/terminal.ts';
import { exampleNames, installFor, missingFor, playExample } from '../src/lab/projects/play.ts';

// Each example of strategies/projects in a fresh repository outside of the checkout: setup --yes, ten cycles, verify, promote.
const [names, cycles] = [
  process.argv.slice(2).filter((arg) => !/^\d+$/.test(arg)),
  process.argv.find((arg) => /^\d+$/.test(arg)),
];
for (const name of names.length > 0 ? names : exampleNames()) {
  // Of all examples, those that would download are left out; by name, what an example needs is installed first.
  if (names.length > 0) installFor(name);
  const missing = missingFor(name);
  if (missing) print(`${name}: left out. ${missing}`);
  else for (const line of (await playExample(name, Number(cycles ?? 10))).lines) print(line);
}
