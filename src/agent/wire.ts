import type { Capabilities, Wire } from './contract.ts';

export const WIRE_SETTINGS = ['auto', 'tools', 'blocks'] as const;
export type WireSetting = (typeof WIRE_SETTINGS)[number];

export interface WireChoice {
  readonly wire: Wire;
  /** Whether a session may go on in blocks when calls do not come. */
  readonly falls: boolean;
  /** One line for a person. */
  readonly why: string;
}

/** The wire of a run: what `session.wire` says; `auto` takes tools unless a probe has shown that calls do not come. */
export function chooseWire(setting: WireSetting, probes: Pick<Capabilities, 'calls'> | undefined): WireChoice {
  if (setting !== 'auto') return { wire: setting, falls: false, why: `session.wire is ${setting}` };
  if (probes?.calls === false)
    return { wire: 'blocks', falls: false, why: 'no tool call came back from the model in the probe' };
  return { wire: 'tools', falls: true, why: 'the model calls tools; sessions go on in blocks where calls stop coming' };
}
