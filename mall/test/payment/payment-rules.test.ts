import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  decide,
  PAYMENT_STATES,
  type PaymentFacts,
  type PaymentState,
  type ProviderCallback,
} from '../../src/payment/payment-rules.ts';

const EVENT: ProviderCallback = {
  eventId: 'evt_1',
  type: 'payment.succeeded',
  providerPaymentId: 'pp_1',
  reference: 'p_1',
  amountCents: 100,
  currency: 'CNY',
  refundReference: null,
  occurredMs: 1,
};

function payment(state: PaymentState, isOrderCancelled = false): PaymentFacts {
  return { state, amountCents: 100, currency: 'CNY', providerPaymentId: 'pp_1', isOrderCancelled };
}

suite('rules of a payment', () => {
  test('each event changes exactly the states that it may', () => {
    const changes: string[] = [];
    for (const type of ['payment.succeeded', 'payment.failed', 'refund.succeeded', 'payment.new']) {
      for (const state of PAYMENT_STATES) {
        const decision = decide(payment(state), { ...EVENT, type });
        if (decision.kind === 'apply') changes.push(`${type}: ${state} -> ${decision.to}`);
      }
    }
    assert.deepEqual(changes, [
      'payment.succeeded: created -> paid',
      'payment.succeeded: failed -> paid',
      'payment.failed: created -> failed',
      'refund.succeeded: refunding -> refunded',
    ]);
  });

  test('money for an order that was given up goes back', () => {
    assert.deepEqual(decide(payment('created', true), EVENT), { kind: 'apply', to: 'refunding' });
    assert.equal(decide(payment('refunding', true), EVENT).kind, 'absorb');
  });

  test('another amount, currency or payment is refused, in every state', () => {
    const wrong = [{ amountCents: 101 }, { amountCents: 0 }, { currency: 'USD' }];
    for (const change of [...wrong, { providerPaymentId: 'pp_2' }]) {
      for (const state of PAYMENT_STATES) {
        assert.equal(decide(payment(state), { ...EVENT, ...change }).kind, 'refuse');
      }
    }
  });

  test('a refund that nobody wanted is refused', () => {
    for (const state of ['created', 'failed', 'paid'] as const) {
      assert.equal(decide(payment(state), { ...EVENT, type: 'refund.succeeded' }).kind, 'refuse');
    }
  });
});
