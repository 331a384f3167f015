/** How numbers read. All figures are tabular, units stand behind a thin space. */

const NNBSP = "\u202f";

export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "unknown";
  }
  if (value === 0) {
    return `0${NNBSP}s`;
  }
  if (value < 0.001) {
    return `<1${NNBSP}ms`;
  }
  if (value < 1) {
    return `${Math.round(value * 1000)}${NNBSP}ms`;
  }
  if (value < 60) {
    return `${value.toFixed(1)}${NNBSP}s`;
  }
  return span(value);
}

/** A span of time in its two largest units. */
export function span(value: number): string {
  const total = Math.max(0, Math.round(value));
  const parts: [number, string][] = [
    [Math.floor(total / 86400), "d"],
    [Math.floor(total / 3600) % 24, "h"],
    [Math.floor(total / 60) % 60, "min"],
    [total % 60, "s"],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) {
    return `0${NNBSP}s`;
  }
  return parts
    .slice(first, first + 2)
    .filter(([n], i) => i === 0 || n > 0)
    .map(([n, unit]) => `${n}${NNBSP}${unit}`)
    .join(" ");
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "unknown";
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let n = value;
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)}${NNBSP}${units[unit]}`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US").replaceAll(",", NNBSP);
}

/** A part of a whole, rounded down: what is not all does not read as all. */
export function percent(ratio: number | null): string {
  return ratio === null ? "–" : `${(Math.floor(ratio * 1e5 + 1e-6) / 1e3).toFixed(3).replace(/\.?0+$/, "")}${NNBSP}%`;
}

export function rate(value: number): string {
  return `${value >= 10 || value === 0 ? count(value) : value.toFixed(1)}/s`;
}

export function clock(iso: string): string {
  const at = new Date(iso);
  return at.toLocaleTimeString("en-GB", {hour12: false});
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString("en-CA");
}

/** A state as words: CATCHING_UP is "catching up". */
export function state(name: string): string {
  return name.toLowerCase().replaceAll("_", " ");
}

export function size(text: string): number {
  const match = /^(\d+)(B|KiB|MiB|GiB|TiB)$/.exec(text);
  if (!match) {
    return 0;
  }
  return Number(match[1]) * 1024 ** ["B", "KiB", "MiB", "GiB", "TiB"].indexOf(match[2]!);
}
