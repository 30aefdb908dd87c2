import { stringify } from 'yaml';
import type { BlocksStep, CallTool } from '../../../agent/contract.ts';
import { blocksOf, candidateIn } from '../../../agent/turn/blocks.ts';
import { nearRepeat } from '../../../agent/turn/repeat.ts';
import { fillTemplate } from '../../../search/digest/brief.ts';
import { estimateTokens } from '../../../search/digest/tokens.ts';
import type { Cycle } from '../../task.ts';
import { registered } from '../../tools/hypothesis.ts';
import { openHints } from '../../tools/notes.ts';
import type { Trading } from '../context.ts';
import { baseOf } from '../trial/near-miss.ts';
import { problemWithLines, signaturesOf } from '../trial/refusal.ts';
import { hintAnswerIn, hypothesisIn } from './answers.ts';
import { type Idea, ideasOf, pickIdea } from './ideas.ts';
import { withRanges } from './ranges.ts';
import { completeSource, decideIn, sourceByRule } from './source.ts';

/** Requests for a strategy in one cycle, and same answers in a row, after which the cycle goes on without one. */
const MOST_TRIES = 8;
const MOST_REPEATS = 3;
/** Characters of what a patch is told beside the failed gates. */
const MOST_AIM = 800;
/** A further candidate is asked for only of a server that was quick with the first: on a CPU the next cycle is as good a place. */
const NEXT_WITHIN_MS = 90_000;
/** A model that needs longer for a token is asked for `decide` alone from the first request: a whole file takes it minutes, and fails more often. */
const SLOW_MS = 250;
/** A cycle is not to last longer than this for the sake of a third try: the next cycle has another rule. */
const TRIES_WITHIN_MS = 300_000;

/** A model that writes more than this goes round in circles. */
const MOST_TOKENS = { text: 200, decide: 400, file: 1200 };

type Ran = BlocksStep['ran'][number];
type Stage = 'start' | 'hypothesis' | 'strategy' | 'hints' | 'done';

/** One cycle of the blocks wire: hypothesis, strategy, check, backtest, and a fix or a change where one is due. */
export class Driver {
  readonly #cycle: Cycle;
  readonly #call: CallTool;
  readonly #trading: Trading;
  readonly #asks: ReadonlyMap<string, string>;
  readonly #ideas: readonly Idea[];
  readonly #signatures: ReadonlyMap<string, string>;
  readonly #started = performance.now();
  readonly #answers: string[] = [];
  #slowest = 0;
  #asked = 0;
  #idea: Idea;
  #stage: Stage = 'start';
  #ran: Ran[] = [];
  #tries = 0;
  #repeats = 0;
  /** Tries since the request was last another one. */
  #attempt = 0;
  /** The last refusal with its lines, and the file that a change starts from; empty for none. */
  #problem = '';
  #mistake = '';
  #file = '';
  #slow: boolean;
  /** Whether `decide` alone is asked for, the smallest step: after a refusal, and of a slow model. */
  #small: boolean;
  #summary = 'no candidate passed the check';

  constructor(cycle: Cycle, call: CallTool, trading: Trading, asks: ReadonlyMap<string, string>) {
    this.#cycle = cycle;
    this.#call = call;
    this.#trading = trading;
    this.#asks = asks;
    this.#ideas = ideasOf(trading.projectDir);
    this.#signatures = signaturesOf(trading.projectDir);
    this.#idea = pickIdea(this.#ideas, cycle.directive.family, cycle.id, 0);
    const before = cycle.events.findLast((event) => event.type === 'session.ended' && event.completionTokens > 0);
    this.#slow = before?.type === 'session.ended' && (before.seconds * 1000) / before.completionTokens > SLOW_MS;
    this.#small = this.#slow;
  }

  async next(answer: string | null): Promise<BlocksStep> {
    this.#ran = [];
    const took = performance.now() - this.#asked;
    if (this.#stage === 'strategy') this.#slowest = Math.max(this.#slowest, took);
    if (this.#stage === 'hypothesis' && took > SLOW_MS * estimateTokens(answer ?? '')) this.#slow = this.#small = true;
    let remark: string | null = null;
    if (this.#stage === 'start') await this.#begin();
    else if (this.#stage === 'hypothesis') await this.#takeHypothesis(answer);
    else if (this.#stage === 'strategy') remark = await this.#takeStrategy(answer);
    else if (this.#stage === 'hints') await this.#takeHint(answer);
    const ask = this.#ask();
    if (ask === null) await this.#run('finish', { summary: this.#summary });
    this.#asked = performance.now();
    const answerTokens = this.#stage !== 'strategy' ? MOST_TOKENS.text : MOST_TOKENS[this.#small ? 'decide' : 'file'];
    return { ran: this.#ran, remark, ask, attempt: this.#attempt, answerTokens };
  }

  /** A cycle that goes on with a candidate keeps its hypothesis; one that was interrupted keeps its own. */
  async #begin(): Promise<void> {
    const base = baseOf(this.#cycle);
    if (base) {
      const { family, hypothesis, source, failed, aim } = base;
      const fix = this.#cycle.directive.kind === 'fix';
      this.#idea = { ...this.#idea, family, hypothesis };
      this.#problem = fix
        ? problemWithLines(failed, source, this.#signatures)
        : [failed.slice(0, 400), aim.slice(0, MOST_AIM)].filter(Boolean).join('\n');
      this.#small ||= fix;
      this.#file = fix ? '' : source.replace(/^import .*\n+/, '').trim();
    }
    if (registered(this.#cycle)) this.#stage = 'strategy';
    else if (base) await this.#register(this.#idea.hypothesis, this.#idea.hypothesis);
    else this.#stage = 'hypothesis';
  }

  async #takeHypothesis(answer: string | null): Promise<void> {
    const { hypothesis, bound } = hypothesisIn(answer ?? '');
    await this.#register(hypothesis || this.#idea.hypothesis, bound || this.#idea.hypothesis);
  }

  /** The model's sentence and number where the tool takes them, else the library's, else a bound that it always takes. */
  async #register(hypothesis: string, bound: string): Promise<void> {
    const { family, hypothesis: known } = this.#idea;
    const pairs = [hypothesis, bound, known, known, known, 'train sharpe < 0.5 over 60 trades'];
    for (let n = 0; n < pairs.length && !registered(this.#cycle); n += 2) {
      const refutedIf = /refuted if (.*)$/.exec(pairs[n + 1])?.[1] ?? pairs[n + 1];
      await this.#run('register_hypothesis', { family, hypothesis: pairs[n], refuted_if: refutedIf });
    }
    this.#stage = registered(this.#cycle) ? 'strategy' : 'done';
  }

  /** What is wrong with the answer, in one line; null when it was backtested. */
  async #takeStrategy(answer: string | null): Promise<string | null> {
    this.#tries += 1;
    this.#attempt += 1;
    const found = this.#found(answer);
    if (found === null) return this.#missed('the answer held no whole ```ts block with the strategy, or its decide');
    const hypothesis = registered(this.#cycle)!;
    const whole = (code: string) => completeSource(this.#trading.tuneNumbers ? withRanges(code) : code, hypothesis);
    const source = whole(found);
    // One changed line is a change where one was asked for, and a repeat anywhere else.
    const exact = this.#file !== '' || this.#small;
    const same = (old: string) => (exact ? whole(old) === source : nearRepeat(old, found));
    if ([...this.#answers, this.#file].some(same)) return this.#missed('the same strategy again');
    this.#answers.push(found);
    const name = `${hypothesis.family.slice(0, 36)}-${this.#cycle.id}-${this.#tries}`;
    const yaml = stringify({ strategy: `${name}.ts`, symbols: this.#trading.symbols.slice(0, 1) });
    const written = await this.#run('write_candidate', { name, strategy: source, yaml });
    if (!written.ok) return this.#refused(written.content);
    const checked = await this.#run('check_candidate', { name });
    if (!checked.ok) return this.#refused(checked.content);
    const tested = await this.#run('backtest', { name });
    if (!tested.ok) return this.#refused(tested.content);
    this.#summary = tested.content.split('\n').slice(0, 3).join('; ').slice(0, 300);
    const crashed = /^Trial \S+: CRASH/m.test(tested.content);
    const failed = tested.content.split('\n').filter((line) => line.startsWith('FAILED'));
    this.#problem = crashed
      ? problemWithLines(failed.join('\n'), source, this.#signatures)
      : failed.join('\n').slice(0, 400);
    this.#file = crashed ? '' : found.trim();
    const quick = performance.now() - this.#started < NEXT_WITHIN_MS;
    if (!quick || this.#cycle.trialsLeft() < 1 || /Every gate passed/.test(tested.content)) this.#stage = 'hints';
    this.#attempt = 0;
    this.#small = this.#slow;
    return null;
  }

  /** The strategy in an answer; of `decide` alone, the file that the request showed with it. */
  #found(answer: string | null): string | null {
    if (answer === null) return null;
    const whole = this.#small ? null : candidateIn(answer);
    const decide = whole === null ? decideIn(blocksOf(answer).at(-1)?.text ?? answer) : null;
    if (decide === null) return whole;
    const old = decideIn(this.#file);
    return old === null
      ? sourceByRule(this.#idea.rule, this.#idea.timeframe, decide)
      : this.#file.replace(old, () => decide);
  }

  #refused(problem: string): string {
    this.#small = true;
    // The same mistake again: its lines leave the request, since a model that reads them writes them.
    const mistake = problem.split('\n')[0].replace(/^\d+:\d+: /, '');
    this.#problem = mistake === this.#mistake ? '' : problem.split(/\n(?:Also: |Fix these)/)[0];
    this.#mistake = mistake;
    this.#file = '';
    return problem.split('\n')[0].slice(0, 300);
  }

  /** Nothing to run: another idea and the smallest step; after the third the cycle goes on without. */
  #missed(remark: string): string {
    this.#repeats += 1;
    this.#small = true;
    this.#problem = '';
    this.#file = '';
    const { family, hypothesis } = this.#idea;
    this.#idea = { ...pickIdea(this.#ideas, family, this.#cycle.id, this.#tries), hypothesis };
    if (this.#repeats >= MOST_REPEATS) this.#stage = 'hints';
    return remark;
  }

  async #takeHint(answer: string | null): Promise<void> {
    const open = openHints(this.#cycle)[0];
    if (!open) return;
    const said = { hint: open.id, ...hintAnswerIn(answer ?? '') };
    const { ok } = await this.#run('answer_hint', said);
    if (!ok) this.#stage = 'done';
  }

  /** The next request, or null when nothing is left to ask. */
  #ask(): string | null {
    const late = this.#tries > 1 && performance.now() - this.#started + this.#slowest > TRIES_WITHIN_MS;
    if (this.#stage === 'strategy' && (this.#tries >= MOST_TRIES || late)) this.#stage = 'hints';
    const { family, timeframe, rule } = this.#idea;
    const hypothesis = registered(this.#cycle)?.hypothesis ?? this.#idea.hypothesis;
    const hints = openHints(this.#cycle).map(({ text }) => `Hint from the human: ${text.slice(0, 300)}`);
    const values = {
      symbol: this.#trading.symbols[0],
      family,
      timeframe,
      hypothesis,
      rule,
      orders: rule.replaceAll(/^(?!Go ).*\n/gm, ''),
      known: this.#idea.hypothesis,
      problem: this.#problem,
      file: this.#file,
      task: hints.join('\n'),
    };
    if (this.#stage === 'hypothesis') return this.#fill('hypothesis', values);
    if (this.#stage === 'strategy') {
      if (this.#small && !this.#file)
        return this.#fill('decide', { ...values, form: sourceByRule(rule, timeframe, 'decide(now, p) {\n    …\n  }') });
      return this.#fill(this.#small ? 'change' : this.#file ? 'next' : 'strategy', values);
    }
    const [hint] = this.#stage === 'hints' ? openHints(this.#cycle) : [];
    return hint ? this.#fill('hint', { hint: hint.id, text: hint.text.slice(0, 600), task: '' }) : null;
  }

  #fill(name: string, values: Readonly<Record<string, string>>): string {
    return fillTemplate(this.#asks.get(name) ?? '', values).replaceAll(/\n{2,}/g, '\n');
  }

  async #run(name: string, args: Readonly<Record<string, unknown>>): Promise<{ ok: boolean; content: string }> {
    const { ok, content } = await this.#call(name, args);
    this.#ran.push({ name, args, ok, content });
    return { ok, content };
  }
}
