import { readFileSync } from 'node:fs';
import { messageOf } from '../../base/errors.ts';
import { connect } from './line-socket.ts';

// `ralph-tool NAME key=value key=@file …` or `ralph-tool NAME '{"key": …}'`: one call of a session's tool from a shell.
// Without arguments it lists the tools. SIGINT or SIGTERM cancels the call.
const [name, ...words] = process.argv.slice(2);
const desk = connect(process.env.RALPH_TOOLS ?? '');
try {
  if (!name) {
    for (const tool of await desk.list()) {
      const parameters = Object.keys(tool.parameters.properties).map((key) =>
        tool.parameters.required.includes(key) ? key : `[${key}]`,
      );
      process.stdout.write(`${tool.name} ${parameters.join(' ')}\n    ${tool.description}\n`);
    }
  } else {
    const cancel = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cancel.abort());
    const result = await desk.call(name, argumentsOf(words), cancel.signal);
    process.stdout.write(`${result.content}\n`);
    process.exitCode = result.ok ? 0 : 1;
  }
} catch (thrown) {
  process.stderr.write(`error: ${messageOf(thrown)}\n`);
  process.exitCode = 1;
}
desk.close();

function argumentsOf(given: readonly string[]): Record<string, unknown> {
  if (given.length === 1 && given[0].trimStart().startsWith('{'))
    return JSON.parse(given[0]) as Record<string, unknown>;
  return Object.fromEntries(
    given.map((word) => {
      const at = word.indexOf('=');
      if (at === -1) throw new Error(`expected key=value, key=@file or one JSON object, got "${word}"`);
      const value = word.slice(at + 1);
      return [word.slice(0, at), value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value];
    }),
  );
}
