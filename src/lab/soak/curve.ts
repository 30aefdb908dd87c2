import { chart, type Line, label, legend, picture } from '../../base/draw/svg.ts';
import type { CycleTime, Sample } from './measure.ts';

const WIDTH = 760;
const PANEL = 190;

/** Memory, open files and overhead over the cycles of a soak, one under the other, as the text of an SVG. */
export function curveOf({ times, samples }: { times: readonly CycleTime[]; samples: readonly Sample[] }): string {
  const long = samples.filter(({ role }) => role === 'harness' || role === 'database');
  const byRole = (of: (sample: Sample) => number): Line[] =>
    [...Map.groupBy(long, ({ role }) => role)].map(([name, own]) => ({
      name,
      points: own.toSorted((a, b) => a.cycle - b.cycle).map((sample) => [sample.cycle, of(sample)]),
    }));
  const overhead: Line = {
    name: 'overhead',
    dots: true,
    points: times.map(({ cycle, overhead }) => [cycle, overhead]),
  };
  const panels: [string, Line[]][] = [
    ['Memory, MB', byRole(({ kb }) => kb / 1024)],
    ['Open files, sockets and pipes', byRole(({ handles }) => handles)],
    ['Overhead of a cycle without model and evaluation, ms', [overhead]],
  ];
  const drawn = panels.map(([title, lines], i) => {
    const top = i * PANEL;
    const box = { left: 60, top: top + 36, width: WIDTH - 90, height: PANEL - 66 };
    return [label(60, top + 20, title), legend(lines, 400, top + 20), chart(lines, box, 'cycles') ?? ''].join('\n');
  });
  return picture(WIDTH, panels.length * PANEL, drawn);
}
