import type { ReactElement, ReactNode } from 'react';

export interface TableProps {
  /** What the table is, for screen readers. */
  readonly caption: string;
  readonly heads: readonly string[];
  readonly children: ReactNode;
}

/** A table that scrolls sideways inside itself where the window is too narrow. */
export function Table({ caption, heads, children }: TableProps): ReactElement {
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
      tabIndex={0}
      className="relative overflow-x-auto rounded-2xl border border-line bg-surface shadow-card"
    >
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line bg-sunken">
            {heads.map((head) => (
              <th key={head} scope="col" className="px-4 py-3 font-semibold whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </section>
  );
}

export function Cell(props: {
  readonly children: ReactNode;
  readonly className?: string;
}): ReactElement {
  return <td className={`px-4 py-3 align-middle ${props.className ?? ''}`}>{props.children}</td>;
}
