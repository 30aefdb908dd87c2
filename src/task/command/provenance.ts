import { EXIT, RalphError } from '../../base/errors.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import type { GatesConfig } from '../../gates/config.ts';
import type { RunEvent } from '../../journal/events.ts';
import { changedParts, segmentAt } from '../../journal/provenance.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import type { Provenance } from '../task.ts';
import { type Contract, contractSchema } from './contract/contract.ts';
import type { Bench } from './run/bench.ts';

/** By what a change is measured and judged. `gates` count where the contract has returns. */
export interface Rules {
  readonly contract: Contract;
  readonly bench: Pick<Bench, 'readOnly' | 'carried' | 'heldBack'>;
  readonly gates: GatesConfig;
}

/** The parts whose change makes results incomparable: the contract, what may not change or is carried, and with returns the prices and gates. */
export function rulesOf({ contract, bench, gates }: Rules): Provenance {
  return {
    contract: sha256(canonicalJson(contract)),
    readOnly: sha256(canonicalJson(Object.fromEntries(bench.readOnly))),
    ...(bench.carried !== null && { carried: bench.carried }),
    ...(contract.returns && {
      data: sha256(canonicalJson([...bench.heldBack].map(([path, { rows }]) => [path, rows]))),
      gates: sha256(canonicalJson(gates)),
    }),
  };
}

/** What a person knows the parts by. */
const SAID: Readonly<Record<string, string>> = {
  readOnly: 'what was installed of the read-only files',
  carried: 'what "carry" brings',
  data: 'the price files',
  gates: 'gates.yaml',
};

/**
 * Throws RalphError (exit 2) where a change would be promoted by other rules than those under which it was kept: with an easier score, test or window
 * anything is a gain. The goal is for the model alone.
 */
export function refuseOtherRules(events: readonly RunEvent[], trial: string, rules: Rules): void {
  const seq = stateOf(events).byTrial.get(trial)?.started.seq;
  const segment = seq === undefined ? undefined : segmentAt(events, seq);
  if (!segment) return;
  const then = segment.provenance;
  const changed = changedParts(then, rulesOf(rules)).filter((part) => part in then);
  const named = [
    ...(changed.includes('contract') ? changedKeys(segment, rules.contract) : []),
    ...changed.flatMap((part) => SAID[part] ?? []),
  ];
  if (named.length === 0) return;
  throw new RalphError(`${named.join(' and ')} changed since ${trial} was kept: it would be measured by other rules`, {
    remedy: 'Put back what stood there when it was kept; or start a run under another tag.',
    exitCode: EXIT.usage,
  });
}

/** Keys of the contract that are not those of a segment; only the first segment of a run holds them one by one. */
function changedKeys(segment: NonNullable<ReturnType<typeof segmentAt>>, now: Contract): string[] {
  const values =
    segment.type === 'run.started' ? (segment.config as { values?: { task?: unknown } }).values : undefined;
  const { data: then } = contractSchema.safeParse(values?.task);
  if (!then) return ['the contract in ralph.yaml'];
  const keys = new Set([...Object.keys(then), ...Object.keys(now)]) as Set<keyof Contract>;
  const differs = (key: keyof Contract) => canonicalJson(then[key] ?? null) !== canonicalJson(now[key] ?? null);
  return [...keys].filter((key) => key !== 'goal' && differs(key)).map((key) => `task.${key} in ralph.yaml`);
}
