/** Edges that can be planted in a simulated market. */
export const EDGE_KINDS = ['momentum', 'reversion', 'post-jump', 'drift', 'none'] as const;
export type EdgeKind = (typeof EDGE_KINDS)[number];
