import { print, progress } from '../../base/draw/terminal.ts';
import { type Kill, killAndCheck, killSenderAndCheck, nameOf, type Row } from '../failpoints/matrix.ts';
import { SENDER_POINTS } from '../failpoints/points.ts';
import { makeLightProject, measurer } from '../failpoints/project.ts';
import { killSealing, SEALING_POINTS } from '../failpoints/seal-kill.ts';
import { startModelServer } from '../server/serve.ts';
import { startWandbServer } from '../wandb/server.ts';
import { type End, endOf, POINT_COUNT, plannedKills } from './plan.ts';
import { type Done, isShown, writeTable } from './table.ts';

const KEY = 'k'.repeat(40);

export interface MatrixOptions {
  /** Rows with one of these; null for all. */
  readonly signals: readonly string[] | null;
  /** Rows at points whose name has this in it. */
  readonly point: string;
  /** Rows at once, each in a project of its own. */
  readonly jobs: number;
  /** Markdown file for the table; null for none. */
  readonly table: string | null;
  /** Only what the table does not show as clean yet. */
  readonly missing: boolean;
}

/** Kills at every point with every signal, by power cuts, and twice (the second time during recovery); returns the rows that were not clean. */
export async function runMatrix({ signals, point, jobs, table, missing }: MatrixOptions): Promise<Row[]> {
  const wanted = (end: End) => signals === null || signals.includes(end);
  const plans = plannedKills().filter(
    (kills) =>
      kills.some((kill) => wanted(endOf(kill))) &&
      kills.some((kill) => kill.point.includes(point)) &&
      !(missing && table !== null && isShown(table, kills)),
  );
  const show = progress();
  const done: Done[] = [];
  let next = 0;
  const worker = async () => {
    const place = await openPlace();
    try {
      while (next < plans.length) {
        const number = next++;
        const kills = plans[number];
        show(`${number + 1} of ${plans.length}: ${nameOf(kills)}`);
        const row = await place.check(`m-${number}`, kills);
        done.push({ kills, row });
        // At once: a matrix that is interrupted has shown what it has shown.
        if (table !== null) writeTable(table, { kills, row });
        const problems = row.problems.map((problem) => `\n        ${problem}`).join('');
        print(`${problems === '' ? 'clean' : 'BROKEN'}  ${row.kills.padEnd(60)} ${row.ended}${problems}`);
      }
    } finally {
      await place.close();
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  show();
  const broken = done.flatMap(({ row }) => (row.problems.length > 0 ? [row] : []));
  print(
    `${done.length} rows (the matrix has ${POINT_COUNT} points): ${done.length - broken.length} clean, ${broken.length} broken`,
  );
  return broken;
}

/** A project of its own with the servers that its runs talk to. */
async function openPlace() {
  const project = await makeLightProject();
  const model = await startModelServer({ brain: measurer(), seed: 1, faults: { rate: 0 } });
  const wandb = await startWandbServer({ key: KEY });
  const tracked = { server: wandb, key: KEY };
  return {
    async check(tag: string, kills: readonly Kill[]): Promise<Row> {
      const [first] = kills;
      if (SEALING_POINTS.includes(first.point))
        return { kills: nameOf(kills), ...(await killSealing(first.point, first)) };
      return SENDER_POINTS.includes(first.point)
        ? killSenderAndCheck(project, tag, first, model.baseUrl, tracked)
        : killAndCheck(project, tag, kills, model.baseUrl, tracked);
    },
    async close() {
      await model.close();
      await wandb.close();
      project.remove();
    },
  };
}
