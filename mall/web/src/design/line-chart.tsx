/** A small line chart of our own, in SVG: a few series over time, with a table for screen readers. */
import type { ReactElement } from 'react';
import { useI18n } from '../i18n/i18n.tsx';
import { niceMax, pathOf } from './chart-paths.ts';

interface Series {
  readonly name: string;
  /** Null where there is nothing: the line goes on from the last value. */
  readonly values: readonly (number | null)[];
}

export interface LineChartProps {
  readonly title: string;
  readonly unit: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
}

const WIDTH = 480;
const HEIGHT = 170;
const LEFT = 44;
const BOTTOM = 22;
const TOP = 8;
const LOOKS = [
  { stroke: 'stroke-accent', ground: 'bg-accent', dash: '' },
  { stroke: 'stroke-good', ground: 'bg-good', dash: '6 3' },
  { stroke: 'stroke-sale', ground: 'bg-sale', dash: '2 3' },
] as const;

export function LineChart({ title, unit, times, series }: LineChartProps): ReactElement {
  const { t, number, time } = useI18n();
  const max = niceMax(series.flatMap(({ values }) => values));
  const box = { left: LEFT, top: TOP, width: WIDTH - LEFT - 4, height: HEIGHT - TOP - BOTTOM };
  const latest = series.map(({ name, values }) => {
    const value = values.findLast((one) => one !== null);
    return `${name} ${value === undefined || value === null ? '–' : number(value, 1)}`;
  });
  return (
    <figure>
      <figcaption className="mb-2 flex flex-wrap items-baseline justify-between gap-2">
        <span className="font-semibold">
          {title} <span className="text-sm font-normal text-muted">{unit}</span>
        </span>
        <span className="flex flex-wrap gap-3 text-xs">
          {series.map(({ name }, index) => (
            <span key={name} className="inline-flex items-center gap-1.5">
              <span aria-hidden="true" className={`h-0.75 w-4 rounded ${LOOKS[index]?.ground}`} />
              {name}
            </span>
          ))}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t('chart.says', { title, latest: latest.join(', '), unit })}
        className="w-full"
      >
        {[0, 0.5, 1].map((share) => {
          const y = box.top + box.height * (1 - share);
          return (
            <g key={share}>
              <line x1={box.left} x2={WIDTH} y1={y} y2={y} className="stroke-line" />
              <text x={box.left - 6} y={y + 4} textAnchor="end" className="fill-muted text-[11px]">
                {number(max * share, 1)}
              </text>
            </g>
          );
        })}
        {series.map(({ name, values }, index) => (
          <path
            key={name}
            d={pathOf(values, max, box)}
            fill="none"
            strokeWidth="2"
            strokeLinejoin="round"
            strokeDasharray={LOOKS[index]?.dash}
            className={LOOKS[index]?.stroke}
          />
        ))}
        {times.length > 1 && (
          <>
            <text x={box.left} y={HEIGHT - 4} className="fill-muted text-[11px]">
              {time(times[0] ?? 0)}
            </text>
            <text x={WIDTH} y={HEIGHT - 4} textAnchor="end" className="fill-muted text-[11px]">
              {time(times.at(-1) ?? 0)}
            </text>
          </>
        )}
      </svg>
    </figure>
  );
}
