import { type EventOf, type EventType, eventSchema, type RunEvent } from '../events.ts';
import { upcast } from '../versions.ts';

/** Gives the whole event with a sequence number, read back from its sealed part. */
export type ReadBack = (seq: number) => RunEvent;

/** One field of all events of one type: plain values, or numbers into a list of the few values that occur (-1 for null). */
type Column = readonly unknown[] | { readonly words: readonly unknown[]; readonly codes: readonly number[] };

/** The events of one type in a part, column by column: what stays in memory. */
export interface Columns {
  readonly seq: readonly number[];
  readonly at: readonly number[];
  readonly kept: Readonly<Record<string, Column>>;
}

/** Fields of sealed events that stay in memory, by type; the others are read back from the part. Types without an entry are rare and stay whole. */
const KEPT: { readonly [T in EventType]?: readonly (keyof EventOf<T>)[] } = {
  'run.resumed': [],
  'fault.occurred': ['class', 'where', 'attempt'],
  'cycle.started': ['cycle', 'directive', 'family', 'base', 'gate', 'state', 'island', 'hints', 'shown'],
  'hypothesis.registered': ['cycle', 'candidate', 'family'],
  'trial.started': ['trial', 'cycle', 'n', 'candidate', 'family', 'fingerprint'],
  'trial.refused': ['cycle', 'candidate', 'family', 'fingerprint', 'params', 'correlation'],
  'trial.finished': [
    'trial',
    'cycle',
    'outcome',
    'score',
    'equityFingerprint',
    'returnsSha256',
    'seconds',
    'duplicateOf',
  ],
  'selection.looked': ['trial', 'cycle', 'look'],
  'selection.answered': ['trial', 'cycle', 'look', 'passed', 'sharpe'],
  'session.ended': [
    'cycle',
    'reason',
    'promptTokens',
    'completionTokens',
    'seconds',
    'classes',
    'recoveries',
    'advice',
  ],
  'lesson.noted': ['cycle', 'lesson'],
  'verdict.given': ['cycle', 'trial', 'outcome', 'route', 'candidate', 'family'],
  'cycle.committed': ['cycle', 'commit'],
  'cycle.mirrored': ['cycle'],
};

const FIELDS = new Map<string, readonly string[]>(
  eventSchema.options.map(({ shape }) => [shape.type.value, Object.keys(shape)]),
);

const OPTIONAL = new Set(
  eventSchema.options.flatMap(({ shape }) =>
    Object.entries(shape).flatMap(([name, field]) => (field.isOptional() ? [`${shape.type.value}.${name}`] : [])),
  ),
);

function kept(type: EventType): readonly string[] | undefined {
  return KEPT[type] as readonly string[] | undefined;
}

/** Values that many events share are kept once; columns with more different ones than this share stay plain. */
const MOST_WORDS_SHARE = 0.25;

/** Splits events into columns by type, and the ones that must stay whole because this version does not know all their fields. */
export function columnsOf(events: readonly RunEvent[]): { types: Record<string, Columns>; whole: RunEvent[] } {
  const whole: RunEvent[] = [];
  const light = new Map<EventType, RunEvent[]>();
  for (const event of events) {
    if (canBeSplit(event)) light.getOrInsert(event.type, []).push(event);
    else whole.push(event);
  }
  const types: Record<string, Columns> = {};
  for (const [type, some] of light) {
    const columns = kept(type)!.map((name) => [name, packed(some.map((event) => field(event, name) ?? null))] as const);
    types[type] = { seq: some.map(({ seq }) => seq), at: some.map(({ at }) => at), kept: Object.fromEntries(columns) };
  }
  return { types, whole };
}

/** The events again, in order of sequence from `first` on; what was not kept is read back when it is looked at. */
export function eventsOf(
  types: Readonly<Record<string, Columns>>,
  whole: readonly RunEvent[],
  first: number,
  readBack: ReadBack,
): RunEvent[] {
  const count = Object.values(types).reduce((sum, { seq }) => sum + seq.length, whole.length);
  const events = new Array<RunEvent>(count);
  for (const [type, columns] of Object.entries(types)) {
    const Sealed = sealedClass(type as EventType, columns, readBack);
    for (const [i, seq] of columns.seq.entries()) events[seq - first] = new Sealed(i) as unknown as RunEvent;
  }
  for (const event of whole) events[event.seq - first] = upcast(event);
  return events;
}

/** A class for the events of one type in one part: an instance holds nothing but its place in the columns. */
function sealedClass(
  type: EventType,
  { seq, at, kept: columns }: Columns,
  readBack: ReadBack,
): new (
  place: number,
) => object {
  class Sealed {
    readonly #place: number;

    constructor(place: number) {
      this.#place = place;
    }

    get seq(): number {
      return seq[this.#place];
    }

    get at(): number {
      return at[this.#place];
    }

    get place(): number {
      return this.#place;
    }

    /** The event as it stands in the evidence: also what JSON.stringify prints. */
    toJSON(): RunEvent {
      return readBack(this.seq);
    }
  }
  Object.defineProperty(Sealed.prototype, 'type', { value: type });
  for (const [name, column] of Object.entries(columns)) {
    // A column holds null for a field that its event did not have.
    const added = field(upcast({ type } as RunEvent), name);
    const none = added ?? (OPTIONAL.has(`${type}.${name}`) ? undefined : null);
    const get =
      'codes' in column
        ? function (this: Sealed) {
            return column.words[column.codes[this.place]] ?? none;
          }
        : function (this: Sealed) {
            return column[this.place] ?? none;
          };
    Object.defineProperty(Sealed.prototype, name, { get });
  }
  const readBackToo = [...(FIELDS.get(type) ?? []), 'prev', 'v'].filter(
    (name) => name !== 'type' && !(name in columns),
  );
  for (const name of readBackToo)
    Object.defineProperty(Sealed.prototype, name, {
      get(this: Sealed) {
        return field(upcast(this.toJSON()), name);
      },
    });
  return Sealed;
}

function packed(values: readonly unknown[]): Column {
  if (values.some((value) => typeof value === 'number')) return values;
  const places = new Map<string, number>();
  const codes = values.map((value) => {
    if (value === null) return -1;
    const text = JSON.stringify(value);
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  });
  if (places.size > values.length * MOST_WORDS_SHARE) return values;
  return { words: [...places.keys()].map((text) => JSON.parse(text)), codes };
}

function canBeSplit(event: RunEvent): boolean {
  const known = FIELDS.get(event.type);
  if (!known || !kept(event.type)) return false;
  return Object.keys(event).every((name) => ENVELOPE.has(name) || known.includes(name));
}

const ENVELOPE = new Set(['seq', 'at', 'v', 'prev']);

function field(event: RunEvent, name: string): unknown {
  return (event as unknown as Record<string, unknown>)[name];
}
