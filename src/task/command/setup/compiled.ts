import { globSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { has, type Proposal, proposed, read, SECONDS } from './proposal.ts';

const linked = (command: string) =>
  `the numbers are those that \`${command}\` prints: the measured code is linked into what prints them`;

export function rust(folder: string): Proposal | null {
  if (!has(folder, 'Cargo.toml')) return null;
  return proposed('Rust (cargo bench)', [linked('cargo bench')], {
    goal: 'Make the benchmark faster.',
    editable: ['src/**/*.rs'],
    setup: has(folder, 'Cargo.lock') ? '' : 'cargo generate-lockfile --offline',
    build: 'cargo bench --offline --no-run',
    run: 'cargo bench --offline',
    guard: 'cargo test --offline',
    writes: ['target'],
    lend: ['~/.cargo', '~/.rustup'],
    metrics: { nanoseconds: { from: { pattern: 'time:\\s+\\[\\S+ \\S+ (\\S+) ns' }, better: 'lower' } },
    primary: 'nanoseconds',
    budgetSeconds: 600,
  });
}

export function go(folder: string): Proposal | null {
  if (!has(folder, 'go.mod')) return null;
  return proposed('Go (go test -bench)', [linked('go test')], {
    goal: 'Make the benchmark faster.',
    editable: ['**/!(*_test).go'],
    // What is compiled before the first change is kept, so that a change compiles its own package alone.
    setup: 'GOCACHE=$PWD/.gocache go test -c -o /dev/null .',
    build: 'cp -r .gocache /tmp/go && GOCACHE=/tmp/go go test -c -o out/bench.test .',
    run: 'out/bench.test -test.run XXX -test.bench .',
    guard: 'out/bench.test',
    writes: ['out'],
    lend: ['~/go'],
    metrics: { nanoseconds: { from: { pattern: '([\\d.]+) ns/op' }, better: 'lower' } },
    primary: 'nanoseconds',
    budgetSeconds: 300,
  });
}

export function java(folder: string): Proposal | null {
  const tool = has(folder, 'pom.xml') ? 'Maven' : has(folder, 'build.gradle', 'build.gradle.kts') ? 'Gradle' : null;
  const plain = readdirSync(folder).some((name) => name.endsWith('.java'));
  if (tool === null && !plain) return null;
  const common = { goal: 'Make the program faster.', metrics: SECONDS, primary: 'seconds' };
  if (tool === null) {
    const names = readdirSync(folder).filter((name) => name.endsWith('.java'));
    const main = names.find((name) => /^(Bench|Main|Work)\.java$/.test(name)) ?? names[0];
    const check = names.find((name) => name === 'Check.java');
    return proposed('Java', [], {
      ...common,
      editable: names.filter((name) => name !== main && name !== check && name !== 'Numbers.java'),
      build: 'javac -d out/classes *.java',
      run: `java -cp out/classes ${main.slice(0, -5)}`,
      score: check ? 'java -cp out/classes Check' : '',
      writes: ['out'],
    });
  }
  const maven = tool === 'Maven';
  const main = mainClassIn(folder);
  const warm = maven ? '~/.m2 (once: mvn test)' : '~/.gradle (once: gradle test)';
  const notes = [
    `${tool} works offline with what lies in ${warm}`,
    ...(main ? [] : ['no class with a main was found in src/main/java: name it in "run"']),
  ];
  return proposed(`Java (${tool})`, notes, {
    ...common,
    editable: ['src/main/**/*.java'],
    build: maven ? 'mvn -o -q compile' : 'gradle --offline --no-daemon classes',
    run: `java -cp ${maven ? 'target/classes' : 'build/classes/java/main'} ${main ?? 'Main'}`,
    guard: maven ? 'mvn -o -B test' : 'gradle --offline --no-daemon test',
    writes: [maven ? 'target' : 'build', ...(maven ? [] : ['.gradle'])],
    lend: [maven ? '~/.m2' : '~/.gradle'],
    budgetSeconds: 300,
  });
}

/** The class whose main is run, with its package: one that sounds like a measurement comes first. */
function mainClassIn(folder: string): string | null {
  const found = globSync('src/main/java/**/*.java', { cwd: folder })
    .sort()
    .filter((path) => /\bstatic\s+(final\s+)?void\s+main\s*\(/.test(read(folder, path)));
  const path = found.find((each) => /(Bench|Benchmark|Main|App|Work)\.java$/.test(each)) ?? found[0];
  if (!path) return null;
  const inPackage = /^\s*package\s+([\w.]+)\s*;/m.exec(read(folder, path))?.[1];
  const name = basename(path, '.java');
  return inPackage ? `${inPackage}.${name}` : name;
}

/** A copy of the sources below `out`, where make may write; times stay, so that what was built is not built again. */
const COPY = 'mkdir -p out/tree && tar cf - --exclude=./out . | tar xf - -C out/tree';

export function make(folder: string): Proposal | null {
  const rules = [...read(folder, 'Makefile').matchAll(/^([\w./-]+):(?!=)[ \t]*([^\n#]*)/gm)];
  const targets = rules.flatMap(([, name]) => (name.startsWith('.') ? [] : [name]));
  const run = targets.find((name) => /^(bench|benchmark|run|all)$/.test(name)) ?? targets[0];
  if (!run) return null;
  const needed = rules.find(([, name]) => name === run)?.[2].trim() ?? '';
  const first = targets.includes('build') ? 'build' : needed;
  const measuring = /(^|[._-])(test|bench|check|score|main)[._-]?/i;
  const own = readdirSync(folder).filter((name) => /\.(c|h|cc|cpp|hpp)$/.test(name) && !measuring.test(name));
  const notes = [
    'make runs in a copy below out/, where it may write',
    ...(first === '' ? [`the time of \`make ${run}\` holds whatever it builds: name that in a target build`] : []),
  ];
  return proposed('Makefile', notes, {
    goal: 'Make it faster.',
    editable: has(folder, 'src') ? ['src/**'] : own.length > 0 ? own : ['*.c', '*.h', '*.py', '*.sh'],
    build: first === '' ? COPY : `${COPY} && make -C out/tree ${first}`,
    run: `make -s -C out/tree ${run}`,
    score: targets.includes('score') ? 'make -s -C out/tree score' : '',
    guard: targets.includes('test') ? 'make -s -C out/tree test' : '',
    writes: ['out'],
    metrics: SECONDS,
    primary: 'seconds',
  });
}
