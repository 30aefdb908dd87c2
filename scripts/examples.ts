import { print } from '../src/base/terminal.ts';
import { exampleNames, playExample } from '../src/lab/projects/play.ts';

// Each example of strategies/projects in a fresh repository outside of the checkout: setup --yes, ten cycles, verify, promote.
const [names, cycles] = [
  process.argv.slice(2).filter((arg) => !/^\d+$/.test(arg)),
  process.argv.find((arg) => /^\d+$/.test(arg)),
];
for (const name of names.length > 0 ? names : exampleNames())
  for (const line of (await playExample(name, Number(cycles ?? 10))).lines) print(line);
