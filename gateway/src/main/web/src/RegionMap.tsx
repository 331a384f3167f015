import {useLayoutEffect, useRef, useState} from "react";
import type {Configuration, Pipeline} from "./api";
import {tone} from "./health";
import {pipelineLink} from "./parts";
import {seconds, state} from "./text";

interface Place {
  name: string;
  region: string;
  engine: string;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const NODE = {width: 148, height: 46, gap: 34};
const PAD = {x: 16, top: 30, bottom: 16};

function places(pipelines: Pipeline[], config: Configuration | null): Place[] {
  const names = [...new Set(pipelines.flatMap((p) => [p.source, p.target]))];
  return names.map((name) => {
    const database = config?.databases[name];
    const engine = database === undefined ? "" : database.url.startsWith("jdbc:mysql:") ? "MySQL" : "PostgreSQL";
    return {name, region: database?.region ?? "", engine};
  });
}

/** Regions in the order of the data's way: those that are only read from come first. */
function regions(all: Place[], pipelines: Pipeline[]): Place[][] {
  const regionOf = (name: string) => all.find((p) => p.name === name)!;
  const groups = new Map<string, Place[]>();
  for (const place of all) {
    const key = place.region === "" ? `\u0000${place.name}` : place.region;
    groups.set(key, [...(groups.get(key) ?? []), place]);
  }
  const depth = new Map<Place, number>(all.map((p) => [p, 0]));
  for (let round = 0; round < all.length; round++) {
    for (const p of pipelines) {
      const from = depth.get(regionOf(p.source))!;
      const to = regionOf(p.target);
      if (depth.get(to)! <= from && from + 1 < all.length) {
        depth.set(to, from + 1);
      }
    }
  }
  const least = (group: Place[]) => Math.min(...group.map((p) => depth.get(p)!));
  return [...groups.values()].sort((a, b) => least(a) - least(b));
}

/** Databases by region, and an arrow for each pipeline that is coloured by its RPO. */
export function RegionMap({pipelines, config}: {pipelines: Pipeline[]; config: Configuration | null}) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(900);
  useLayoutEffect(() => {
    const element = frame.current!;
    const measure = () => setWidth(Math.max(280, element.clientWidth));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const groups = regions(places(pipelines, config), pipelines);
  const columns = width >= 190 * groups.length + 130 * (groups.length - 1);
  const regionWidth = NODE.width + 2 * PAD.x;
  const tall = (n: number) => PAD.top + n * NODE.height + (n - 1) * NODE.gap + PAD.bottom;
  const boxes = new Map<string, Box>();
  const frames: {label: string; box: Box}[] = [];
  let height: number;
  let below = 0;
  const column = new Map<string, number>(groups.flatMap((group, i) => group.map((p): [string, number] => [p.name, i])));
  const apart = (p: Pipeline) => Math.abs(column.get(p.source)! - column.get(p.target)!);
  const long = columns ? pipelines.filter((p) => apart(p) > 1) : [];
  if (columns) {
    height = Math.max(...groups.map((g) => tall(g.length)), 120);
    const step = groups.length === 1 ? 0 : (width - regionWidth) / (groups.length - 1);
    groups.forEach((group, i) => {
      const x = groups.length === 1 ? (width - regionWidth) / 2 : i * step;
      const y = (height - tall(group.length)) / 2;
      frames.push({label: group[0]!.region, box: {x, y, width: regionWidth, height: tall(group.length)}});
      group.forEach((place, j) => {
        boxes.set(place.name, {
          x: x + PAD.x,
          y: y + PAD.top + j * (NODE.height + NODE.gap),
          width: NODE.width,
          height: NODE.height,
        });
      });
    });
    below = height;
    height += 30 * long.length;
  } else {
    let y = 0;
    for (const group of groups) {
      frames.push({label: group[0]!.region, box: {x: 0, y, width: Math.min(width, regionWidth + 40), height: tall(group.length)}});
      group.forEach((place, j) => {
        boxes.set(place.name, {x: PAD.x, y: y + PAD.top + j * (NODE.height + NODE.gap), width: NODE.width, height: NODE.height});
      });
      y += tall(group.length) + 22;
    }
    height = y - 22;
  }

  return (
    <div ref={frame} className="map">
      <svg width={width} height={height + 2} viewBox={`0 -1 ${width} ${height + 2}`} role="group" aria-label="Regions, databases and the pipelines between them">
        <defs>
          {["good", "busy", "quiet", "warn", "bad"].map((t) => (
            <marker key={t} id={`head-${t}`} className={`head ${t}`} viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
              <path d="M0 1 10 5 0 9z" />
            </marker>
          ))}
        </defs>
        {frames.map(({label, box}, i) => (
          <g key={i} className="region">
            <rect x={box.x + 0.5} y={box.y + 0.5} width={box.width - 1} height={box.height - 1} rx="8" />
            <text x={box.x + PAD.x} y={box.y + 19}>
              {label === "" ? "no region" : label}
            </text>
          </g>
        ))}
        {[...boxes].map(([name, box]) => {
          const place = places(pipelines, config).find((p) => p.name === name)!;
          return (
            <g key={name} className="node">
              <rect x={box.x} y={box.y} width={box.width} height={box.height} rx="5" />
              <text x={box.x + 12} y={box.y + 20} className="title">
                {name}
              </text>
              <text x={box.x + 12} y={box.y + 36} className="engine">
                {place.engine}
              </text>
            </g>
          );
        })}
        {pipelines.map((p) => (
          <Arrow
            key={p.name}
            pipeline={p}
            all={pipelines.filter((o) => !long.includes(o) || long.includes(p))}
            boxes={boxes}
            columns={columns}
            under={long.includes(p) ? below + 16 + 30 * long.indexOf(p) : null}
          />
        ))}
      </svg>
    </div>
  );
}

/** Several between the same two, in either direction, lie beside each other. */
function offset(pipeline: Pipeline, all: Pipeline[]): number {
  const same = all.filter(
    (p) =>
      (p.source === pipeline.source && p.target === pipeline.target) ||
      (p.source === pipeline.target && p.target === pipeline.source),
  );
  return same.indexOf(pipeline) - (same.length - 1) / 2;
}

interface ArrowProps {
  pipeline: Pipeline;
  all: Pipeline[];
  boxes: Map<string, Box>;
  columns: boolean;
  /** How far down it goes, so that it passes under the regions between; null where there are none. */
  under: number | null;
}

function Arrow({pipeline, all, boxes, columns, under}: ArrowProps) {
  const from = boxes.get(pipeline.source)!;
  const to = boxes.get(pipeline.target)!;
  const beside = offset(pipeline, all);
  let path: string;
  let label: {x: number; y: number};
  if (under !== null) {
    const right = to.x > from.x;
    const side = right ? 1 : -1;
    const long = all.filter((p) => Math.abs((boxes.get(p.source)?.x ?? 0) - (boxes.get(p.target)?.x ?? 0)) >= Math.abs(to.x - from.x));
    // Down beside the regions, each in a lane of its own.
    const lane = side * (PAD.x + 10 + 9 * Math.max(0, long.indexOf(pipeline)));
    const x1 = right ? from.x + from.width : from.x;
    const x2 = right ? to.x - 3 : to.x + to.width + 3;
    const y1 = from.y + from.height - 12;
    const y2 = to.y + to.height - 12;
    const r = 10;
    path =
      `M${x1} ${y1}L${x1 + lane - side * r} ${y1}Q${x1 + lane} ${y1} ${x1 + lane} ${y1 + r}` +
      `L${x1 + lane} ${under - r}Q${x1 + lane} ${under} ${x1 + lane + side * r} ${under}` +
      `L${x2 - lane - side * r} ${under}Q${x2 - lane} ${under} ${x2 - lane} ${under - r}` +
      `L${x2 - lane} ${y2 + r}Q${x2 - lane} ${y2} ${x2 - lane + side * r} ${y2}L${x2} ${y2}`;
    label = {x: (x1 + x2) / 2, y: under};
  } else if (columns && from.x !== to.x) {
    const right = to.x > from.x;
    // Those that end at one database come in one above the other.
    const arriving = all.filter((p) => p.target === pipeline.target);
    const leaving = all.filter((p) => p.source === pipeline.source);
    const shift = (list: Pipeline[]) => (list.indexOf(pipeline) - (list.length - 1) / 2) * 12;
    const x1 = right ? from.x + from.width : from.x;
    const x2 = right ? to.x - 3 : to.x + to.width + 3;
    const y1 = from.y + from.height / 2 + (beside !== 0 ? beside * 18 : shift(leaving));
    const y2 = to.y + to.height / 2 + (beside !== 0 ? beside * 18 : shift(arriving));
    const bend = (x2 - x1) / 2;
    path = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    label = {x: (x1 + x2) / 2, y: (y1 + y2) / 2};
  } else {
    const x = from.x + from.width;
    const y1 = from.y + from.height / 2 + 6 * beside;
    const y2 = to.y + to.height / 2 + 6 * beside;
    const bulge = 34 + Math.abs(y2 - y1) * 0.16 + Math.max(0, beside) * 24;
    path = `M${x} ${y1}C${x + bulge} ${y1} ${x + bulge} ${y2} ${x + 3} ${y2}`;
    label = {x: x + bulge * 0.75 + 34, y: (y1 + y2) / 2};
  }
  const t = tone(pipeline);
  const text = pipeline.state === "STREAMING" ? seconds(pipeline.rpo.rpoSeconds) : state(pipeline.state);
  const wide = text.length * 6.9 + 18;
  return (
    <a href={pipelineLink(pipeline.name)} className={`arrow ${t} ${pipeline.state.toLowerCase()}`} aria-label={`${pipeline.name}: ${state(pipeline.state)}, RPO ${seconds(pipeline.rpo.rpoSeconds)} of ${seconds(pipeline.rpo.objectiveSeconds)}`}>
      <path d={path} className="wide" />
      <path d={path} className="line" markerEnd={`url(#head-${t})`} />
      <rect x={label.x - wide / 2} y={label.y - 11} width={wide} height="22" rx="11" />
      <text x={label.x} y={label.y + 4} textAnchor="middle">
        {text}
      </text>
    </a>
  );
}
