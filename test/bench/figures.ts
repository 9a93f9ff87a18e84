/** Figures of a measure: latencies to percentiles, and a table that a person reads. */
export interface Percentiles {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

/** Of milliseconds, or whatever was measured. */
export function percentiles(values: number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { count: sorted.length, p50: round(at(0.5)), p99: round(at(0.99)), max: round(at(1)) };
}

export const round = (value: number): number => Math.round(value * 10) / 10;
export const hundredths = (value: number): number => Math.round(value * 100) / 100;

export interface Figure {
  name: string;
  value: number | string;
  unit: string;
  /** What is asked for; absent: for comparison only. */
  target?: string;
  met?: boolean;
}

export const atMost = (name: string, value: number, unit: string, limit: number): Figure => ({
  name,
  value,
  unit,
  target: `≤ ${limit}`,
  met: value <= limit,
});

export const atLeast = (name: string, value: number, unit: string, limit: number): Figure => ({
  name,
  value,
  unit,
  target: `≥ ${limit}`,
  met: value >= limit,
});

export const exactly = (name: string, value: number, unit: string, wanted: number): Figure => ({
  name,
  value,
  unit,
  target: String(wanted),
  met: value === wanted,
});

export function table(title: string, figures: Figure[]): string {
  const rows = figures.map(({ name, value, unit, target = '', met }) => [
    name,
    `${value} ${unit}`.trim(),
    target,
    met === undefined ? '' : met ? 'yes' : 'NO',
  ]);
  const all = [['', 'measured', 'target', 'met'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [title, ...all.map(line)].join('\n');
}
