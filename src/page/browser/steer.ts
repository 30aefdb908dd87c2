import { Component, type ComponentChild, h } from 'preact';
import type { Overview } from '../view.ts';
import { asked } from './asked.ts';
import { button, div, p } from './elements.ts';

const REQUESTS = {
  pause: 'Pause',
  resume: 'Resume',
  step: 'One cycle',
  stop: 'Stop',
} as const;

/** Which requests make sense in a state; none in any other. */
const WHEN: Partial<Record<Overview['state'], readonly (keyof typeof REQUESTS)[]>> = {
  running: ['pause', 'stop'],
  paused: ['resume', 'step', 'stop'],
};

interface Said {
  readonly said: string;
  readonly ok: boolean;
}

const SILENT: Said = { said: '', ok: true };

/** Pause, resume, one cycle, stop. Stop asks once more. */
export class Steering extends Component<{ state: Overview['state'] }, Said & { sure: boolean }> {
  override state = { ...SILENT, sure: false };

  async request(name: keyof typeof REQUESTS): Promise<void> {
    if (name === 'stop' && !this.state.sure) return this.setState({ sure: true });
    this.setState({ ...(await ask(name)), sure: false });
  }

  override render() {
    const { sure, said, ok } = this.state;
    const buttons = WHEN[this.props.state]?.map((name) => {
      const text = name === 'stop' && sure ? 'Stop: sure?' : REQUESTS[name];
      return button(text, () => this.request(name), { key: name, class: name === 'stop' ? 'danger' : '' });
    });
    return div('steering', div('buttons', buttons), answer({ said, ok }));
  }
}

/** A choice that stays on one line with its name. */
function named(title: string, name: string, choices: readonly ComponentChild[]) {
  const id = `hint-${name}`;
  return h('span', { class: 'named' }, h('label', { for: id }, title), h('select', { id, name }, ...choices));
}

/** Says something to the next session. */
export class HintForm extends Component<object, Said & { text: string }> {
  override state = { ...SILENT, text: '' };

  async send(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const priority = Number(fields.get('priority'));
    const days = Number(fields.get('expires'));
    const expires = days > 0 ? new Date(Date.now() + days * 86_400_000).toISOString() : '';
    const said = await ask('hint', { text: fields.get('text'), priority, expires });
    if (said.ok) form.reset();
    this.setState(said);
  }

  override render() {
    const choice = (value: string, text: string, selected = false) => h('option', { value, selected }, text);
    return h(
      'form',
      { class: 'hint', onSubmit: (event: Event) => void this.send(event) },
      h('label', { for: 'hint-text' }, 'Tell the next session'),
      h('textarea', { id: 'hint-text', name: 'text', rows: 2, required: true, maxLength: 3500 }),
      div(
        'buttons',
        named('Priority', 'priority', [choice('2', 'low'), choice('5', 'normal', true), choice('8', 'high')]),
        named('Counts for', 'expires', [
          choice('0', 'the whole run', true),
          choice('1', '1 day'),
          choice('7', '7 days'),
        ]),
        h('button', { type: 'submit' }, 'Send'),
      ),
      answer(this.state),
    );
  }
}

/** Withdraws a hint. */
export class Withdraw extends Component<{ hint: string }, Said> {
  override state = SILENT;

  override render() {
    const { hint } = this.props;
    const withdraw = async () => this.setState(await ask('drop', { hint }));
    const named = { class: 'small', 'aria-label': `Withdraw hint ${hint}` };
    return [button('Withdraw', withdraw, named), answer(this.state)];
  }
}

interface Promoting {
  readonly trial: string;
  readonly holdout: Overview['bar']['holdout'];
  readonly can: boolean;
}

/** Opens the holdout for a keep: says what it spends, asks whether to go on, then wants the name typed. */
export class Promote extends Component<Promoting, Said & { step: number }> {
  override state = { ...SILENT, step: 0 };

  async open(event: Event): Promise<void> {
    event.preventDefault();
    const confirm = new FormData(event.currentTarget as HTMLFormElement).get('confirm');
    this.setState({ said: 'The holdout is being opened …', ok: true, step: 0 });
    this.setState({ ...(await ask('promote', { trial: this.props.trial, confirm })), step: 0 });
  }

  override render() {
    const { trial, holdout, can } = this.props;
    const { step } = this.state;
    const leading = (text: string, step: number, kind = '') =>
      button(text, () => this.setState({ step, said: '' }), { class: kind });
    if (!can) return p('quiet', 'Opening the holdout needs the run to be stopped first.');
    if (step === 0) return div('', leading('Open the holdout …', 1), answer(this.state));
    const spends = `This spends 1 of the ${holdout.left ?? '?'} openings that are left, for good. It can only veto ${trial}, never improve it, and the days of the holdout are seen from then on.`;
    if (step === 1)
      return div('warn', p('', spends), div('buttons', leading('Go on', 2, 'danger'), leading('Cancel', 0)));
    return h(
      'form',
      { class: 'warn', onSubmit: (event: Event) => void this.open(event) },
      h('label', { for: 'promote-name' }, `Type ${trial} to open the holdout`),
      h('input', { id: 'promote-name', name: 'confirm', autocomplete: 'off', required: true }),
      div('buttons', h('button', { type: 'submit', class: 'danger' }, 'Open it'), leading('Cancel', 0)),
    );
  }
}

function answer({ said, ok }: Said) {
  return h('p', { class: ok ? 'said' : 'said wrong', role: 'status' }, said);
}

/** Sends an action to the harness and returns what it says; an error's text begins with what went wrong. */
async function ask(action: string, body: object = {}): Promise<Said> {
  const { answer, problem } = await asked<{ said: string }>(`act/${action}`, body);
  return answer ? { ok: true, said: answer.said } : { ok: false, said: problem };
}
