import { type ComponentChild, type ComponentChildren, h } from 'preact';

/** Makes elements of one name: first the class, '' for none, then what is in it. */
const made =
  (name: string) =>
  (kind: string, ...children: ComponentChildren[]) =>
    h(name, kind === '' ? null : { class: kind }, ...children);

export const [div, p, span, strong, ul] = ['div', 'p', 'span', 'strong', 'ul'].map(made);

/** A button that does something at once. `more`: further attributes. */
export function button(text: string, onClick: () => unknown, more: object = {}) {
  return h('button', { key: text, type: 'button', onClick, ...more }, text);
}

/** Lines of a list that change as a whole, each told by its own text. */
export function lines(kind: string, texts: readonly string[]) {
  const items = texts.map((text) => h('li', { key: text }, text));
  return ul(kind, items);
}

/** A table of ready cells: the names of its columns, then its rows. */
export function table(head: readonly ComponentChild[], rows: readonly ComponentChild[]) {
  return h('table', null, h('thead', null, h('tr', null, ...head)), h('tbody', null, ...rows));
}

/** A table of texts that is moved sideways by itself where it is too wide. A cell that is an element already stays as it is. */
export function wideTable(name: string, head: readonly string[], rows: readonly (readonly ComponentChild[])[]) {
  const cell = (each: ComponentChild) => (typeof each === 'object' ? each : h('td', null, each));
  const heads = head.map((each) => h('th', { scope: 'col' }, each));
  const lines = rows.map((row) => h('tr', null, ...row.map(cell)));
  return h('div', { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': name }, table(heads, lines));
}
