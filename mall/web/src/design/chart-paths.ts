/** The geometry of a chart. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The end of an axis that holds all values: 1, 2 or 5 times a power of ten. */
export function niceMax(values: readonly (number | null)[]): number {
  const most = values.reduce<number>((before, value) => Math.max(before, value ?? 0), 0);
  if (most <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  for (const step of [1, 2, 5, 10]) if (step * power >= most) return step * power;
  return most;
}

/** A line through the values, from left to right; where there is none it goes straight on. */
export function pathOf(values: readonly (number | null)[], max: number, box: Box): string {
  const step = values.length > 1 ? box.width / (values.length - 1) : 0;
  let path = '';
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const x = box.left + index * step;
    const y = box.top + box.height * (1 - Math.min(value / max, 1));
    path += `${path === '' ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  return path;
}
