import { execa } from 'execa';
import { say } from '../../base/draw/terminal.ts';
import { messageOf } from '../../base/errors.ts';
import type { RalphConfig } from '../config.ts';

export type NotifyConfig = RalphConfig['notify'];

const HOUR_MS = 3_600_000;
/** What one message may take; the search does not wait for it. */
const SEND_MS = 10_000;

/** One-line messages to where the person is. Sends each to the program's standard input and as a POST to the address. The program's environment is PATH and HOME; a failure is only said. */
export function openNotifier(tag: string, config: NotifyConfig, now: () => number = () => performance.now()) {
  const sent: number[] = [];
  let leftOut = 0;
  let working = Promise.resolve();
  return {
    /** Queues a message. One beyond the limit of the hour is counted, and the next that goes out says how many were left out. */
    tell: (line: string): void => {
      if (config.command.length === 0 && config.url === '') return;
      while (sent.length > 0 && now() - sent[0] >= HOUR_MS) sent.shift();
      if (sent.length >= config.perHour) {
        leftOut += 1;
        return;
      }
      sent.push(now());
      const text = `ralph ${tag}: ${line}${leftOut > 0 ? ` (${leftOut} more left out)` : ''}`;
      leftOut = 0;
      working = working.then(() => send(config, text));
    },
    /** Resolves when every queued message was sent or given up. */
    settled: () => working,
  };
}

async function send({ command: [program, ...args], url }: NotifyConfig, text: string): Promise<void> {
  const ways = [...(program === undefined ? [] : [run(program, args, text)]), ...(url === '' ? [] : [post(url, text)])];
  for (const { status, reason } of (await Promise.allSettled(ways)) as PromiseRejectedResult[])
    if (status === 'rejected') say(`notify: the message was not delivered: ${messageOf(reason)}`);
}

async function run(program: string, args: readonly string[], text: string): Promise<void> {
  const { PATH, HOME } = process.env;
  await execa(program, args, {
    input: `${text}\n`,
    timeout: SEND_MS,
    stdio: ['pipe', 'ignore', 'ignore'],
    extendEnv: false,
    env: { PATH, HOME },
  });
}

/** The address may hold a secret of its own, so that an error names its host alone. */
async function post(url: string, text: string): Promise<void> {
  const { host } = new URL(url);
  const answer = await fetch(url, { method: 'POST', body: text, signal: AbortSignal.timeout(SEND_MS) }).catch(
    (thrown) => {
      throw new Error(`${host}: ${messageOf(thrown.cause ?? thrown)}`);
    },
  );
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${host} answered ${answer.status}`);
}
