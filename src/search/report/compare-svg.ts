import { chart, type Line, label, legend, picture } from '../../base/svg.ts';
import type { RunEvent } from '../../journal/events.ts';
import { hoursAtWork } from './compare.ts';

const WIDTH = 460;
const HEIGHT = 260;
const BOX = { left: 46, top: 34, width: 394, height: 186 };

/** Keeps against trials (left) and against working hours (right), one step line a run: an SVG picture as text. */
export function compareSvg(runs: readonly (readonly RunEvent[])[]): string {
  const panels = (['trials', 'hours'] as const).flatMap((axis, i) => {
    const lines = runs.map((events) => lineOf(events, axis));
    const box = { ...BOX, left: BOX.left + i * WIDTH };
    const title = axis === 'trials' ? 'keeps after so many trials' : 'keeps after so many hours at work';
    return [label(box.left, 20, title), chart(lines, box, axis) ?? '', legend(lines, box.left, HEIGHT)];
  });
  return picture(2 * WIDTH, HEIGHT + 14, panels);
}

function lineOf(events: readonly RunEvent[], axis: 'trials' | 'hours'): Line {
  const hours = hoursAtWork(events);
  let [tag, trials, keeps] = ['', 0, 0];
  const points: [number, number][] = [[0, 0]];
  for (const [i, event] of events.entries()) {
    if (event.type === 'run.started') tag = event.tag;
    if (event.type === 'trial.started') trials++;
    const here = axis === 'trials' ? trials : hours[i];
    if (event.type === 'trial.finished' && event.outcome === 'keep') points.push([here, keeps], [here, ++keeps]);
  }
  points.push([axis === 'trials' ? trials : (hours.at(-1) ?? 0), keeps]);
  return { name: tag, points };
}
