/** All services of the mall by name. */
import { createCatalogueService } from './catalogue/create-catalogue-service.ts';
import { createControlService } from './control/create-control-service.ts';
import { createCouponService } from './coupon/create-coupon-service.ts';
import { createEdgeService } from './edge/create-edge-service.ts';
import { createInventoryService } from './inventory/create-inventory-service.ts';
import { createOrderService } from './order/create-order-service.ts';
import { createPaymentService } from './payment/payment-service.ts';
import { createProviderService } from './provider/provider-service.ts';
import { createPushService } from './push/push-service.ts';
import type { CreateService, ServiceName } from './shared/service.ts';
import { createShippingService } from './shipping/create-shipping-service.ts';
import { createUserService } from './user/create-user-service.ts';

export const SERVICES: Partial<Record<ServiceName, CreateService>> = {
  catalogue: createCatalogueService,
  control: createControlService,
  coupon: createCouponService,
  edge: createEdgeService,
  inventory: createInventoryService,
  order: createOrderService,
  user: createUserService,
  payment: createPaymentService,
  push: createPushService,
  provider: createProviderService,
  shipping: createShippingService,
};
