import {useEffect, useRef} from "react";
import uPlot from "uplot";

export interface Line {
  label: string;
  values: (number | null)[];
  colour: string;
  fill?: boolean;
  dash?: boolean;
}

interface Props {
  title: string;
  at: number[];
  lines: Line[];
  show: (value: number) => string;
  /** What a screen reader is told instead of the picture. */
  summary: string;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** To the minute, or to the second where the marks are closer than that. */
function timeOfDay(at: number, marks: number[]): string {
  const step = (marks[1] ?? Infinity) - (marks[0] ?? 0);
  return new Date(at * 1000).toLocaleTimeString("en-GB").slice(0, step < 60 ? 8 : 5);
}

const sync = uPlot.sync("pipeline");

/** A course over time. Drawn anew when the theme changes; else only its data is set. */
export function Chart({title, at, lines, show, summary}: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({at, lines, show});
  latest.current = {at, lines, show};

  useEffect(() => {
    const element = frame.current!;
    const create = () => {
      plot.current?.destroy();
      const axis = {
        stroke: colour("text-3"),
        grid: {stroke: colour("line-2"), width: 1},
        ticks: {show: false},
        font: "11px system-ui, sans-serif",
      };
      const now = latest.current;
      const options: uPlot.Options = {
        width: Math.max(200, element.clientWidth),
        height: 150,
        padding: [8, 8, 0, 0],
        cursor: {sync: {key: sync.key}, points: {size: 6}, drag: {x: false, y: false}},
        legend: {show: true, live: true},
        scales: {y: {range: (_u, _min, max) => [0, max > 0 ? max * 1.15 : 1]}},
        axes: [
          {...axis, space: 70, size: 26, values: (_u, ticks) => ticks.map((t) => timeOfDay(t, ticks))},
          {...axis, size: 62, space: 34, values: (_u, ticks) => ticks.map((t) => latest.current.show(t))},
        ],
        series: [
          {label: "Time", value: (_u, v) => (v === null ? "now" : new Date(v * 1000).toLocaleTimeString("en-GB"))},
          ...now.lines.map((line, i) => ({
            label: line.label,
            stroke: colour(line.colour),
            width: line.dash ? 1 : 1.5,
            ...(line.fill ? {fill: `color-mix(in srgb, ${colour(line.colour)} 14%, transparent)`} : {}),
            ...(line.dash ? {dash: [5, 4]} : {}),
            points: {show: false},
            spanGaps: line.dash ?? false,
            value: (u: uPlot, v: number | null, _s: number, index: number | null) => {
              const values = u.data[i + 1]!;
              const shown = index === null ? values[values.length - 1] : v;
              return shown === null || shown === undefined ? "unknown" : latest.current.show(shown);
            },
          })),
        ],
      };
      plot.current = new uPlot(options, [now.at, ...now.lines.map((l) => l.values)] as uPlot.AlignedData, element);
    };
    create();
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({width: Math.max(200, element.clientWidth), height: 150}),
    );
    observer.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const theme = new MutationObserver(create);
    theme.observe(document.documentElement, {attributes: true, attributeFilter: ["data-theme"]});
    scheme.addEventListener("change", create);
    return () => {
      observer.disconnect();
      theme.disconnect();
      scheme.removeEventListener("change", create);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [lines.length]);

  useEffect(() => {
    plot.current?.setData([at, ...lines.map((l) => l.values)] as uPlot.AlignedData);
  }, [at, lines]);

  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={frame} role="img" aria-label={`${title}: ${summary}`} />
    </figure>
  );
}
