import { controlEn } from './en/control.ts';
import { officeEn } from './en/office.ts';
import { orderEn } from './en/order.ts';
import { shopEn } from './en/shop.ts';

/** All English texts. */
export const en = {
  ...shopEn,
  ...orderEn,
  ...officeEn,
  ...controlEn,
};
