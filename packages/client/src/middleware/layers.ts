import { MqError, MqErrorCode } from '@skylarkmq/base';

/** One layer around some work: does something before and after `next`, or instead of it. */
export type Layer<Context, Result> = (
  context: Context,
  next: () => Promise<Result>,
) => Promise<Result>;

const LAYERS_MAX = 64;

/** Runs work inside of layers, the first outermost. `next` may be called again, to try again. */
export function throughLayers<Context, Result>(
  layers: readonly Layer<Context, Result>[],
  context: Context,
  work: () => Promise<Result>,
): Promise<Result> {
  const from = (index: number): Promise<Result> => {
    const layer = layers[index];
    return layer === undefined ? work() : layer(context, () => from(index + 1));
  };
  return from(0);
}

/** Adds a layer inside of those that are there. */
export function addLayer<Context, Result>(
  layers: Layer<Context, Result>[],
  layer: Layer<Context, Result>,
): void {
  if (layers.length >= LAYERS_MAX) {
    throw new MqError(MqErrorCode.Busy, `At most ${LAYERS_MAX} middlewares can be used`);
  }
  layers.push(layer);
}
