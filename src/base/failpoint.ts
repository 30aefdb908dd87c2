/**
 * Named points before and after every durable step, where a test can end the process the hard way.
 * RALPH_FAILPOINT="journal.append.after" kills at the first hit, "journal.append.after:3" at the third;
 * a suffix "=SIGTERM" or "=SIGINT" sends that signal instead of SIGKILL, "=^C" a SIGINT to the whole process group, as a
 * terminal does. Costs one comparison when unset.
 */
const wanted = parse(process.env.RALPH_FAILPOINT);
let hits = 0;

export function failpoint(name: string): void {
  if (wanted === undefined || wanted.name !== name) return;
  hits += 1;
  if (hits !== wanted.hit) return;
  if (wanted.signal === '^C') process.kill(0, 'SIGINT');
  else process.kill(process.pid, wanted.signal);
}

function parse(text: string | undefined): { name: string; hit: number; signal: NodeJS.Signals | '^C' } | undefined {
  if (!text) return undefined;
  const [point, signal] = text.split('=');
  const [name, hit] = point.split(':');
  return { name, hit: Number(hit ?? 1), signal: (signal ?? 'SIGKILL') as NodeJS.Signals | '^C' };
}
