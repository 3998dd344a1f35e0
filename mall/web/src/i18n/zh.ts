import { controlZh } from './zh/control.ts';
import { officeZh } from './zh/office.ts';
import { orderZh } from './zh/order.ts';
import { shopZh } from './zh/shop.ts';

/** All texts in Simplified Chinese; the parts have the keys of the English ones. */
export const zh = {
  ...shopZh,
  ...orderZh,
  ...officeZh,
  ...controlZh,
};
