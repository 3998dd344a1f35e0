import pg from 'pg';

const INT8 = 20;

/** As the driver reads values, but sums and times are numbers: money has a limit, see money.ts. */
export function typeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8) return Number;
  return format === 'binary' ? pg.types.getTypeParser(oid, format) : pg.types.getTypeParser(oid);
}
