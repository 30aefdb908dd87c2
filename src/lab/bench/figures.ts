/** Figures by name. `limitRatio` is the speed against the plain loop of the same run. */
export type Figures = Record<string, Record<string, number | string>>;

/** One file of benches. */
export type Bench = () => Promise<Figures>;
