import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { ConsumeLayers } from '../../src/middleware/consume-layers.ts';
import { SendLayers } from '../../src/middleware/send-layers.ts';
import type { Telemetry } from '../../src/middleware/telemetry.ts';
import { fromOpenTelemetry } from '../../src/opentelemetry/from-open-telemetry.ts';
import type { OutgoingMessage } from '../../src/producer/outgoing-message.ts';
import type { SendReceipt } from '../../src/producer/send-receipt.ts';
import { deliver } from '../fake/delivered.ts';

const spans = new InMemorySpanExporter();
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({
  exporter: metrics,
  exportIntervalMillis: 3_600_000,
});
const { signal } = new AbortController();
let telemetry: Telemetry;

before(() => {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const spanProcessors = [new SimpleSpanProcessor(spans)];
  api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  telemetry = fromOpenTelemetry(api);
});
beforeEach(() => spans.reset());
after(async () => {
  await reader.shutdown();
  api.context.disable();
});

const receipt: SendReceipt = {
  status: 'ok',
  messageId: 'M1',
  offsetMessageId: 'O1',
  queue: { topic: 'T', brokerName: 'b', queueId: 3 },
  queueOffset: 0,
  transactionId: undefined,
  regionId: 'r',
  traceOn: true,
};

async function send(message: OutgoingMessage): Promise<ReadonlyMap<string, string>> {
  let sent: OutgoingMessage | undefined;
  await new SendLayers('G', telemetry.send).run('send', [message], (messages) => {
    [sent] = messages;
    return Promise.resolve([receipt]);
  });
  assert.ok(sent?.properties instanceof Map);
  return sent.properties;
}

function span(name: string) {
  const found = spans.getFinishedSpans().find((one) => one.name === name);
  assert.ok(found !== undefined, `no span ${name}`);
  return found;
}

test('a send is a span, which the message carries along', async () => {
  const message = { topic: 'T', body: 'hello', tags: 'a', keys: ['k'], properties: { own: '1' } };
  const properties = await send(message);
  const { attributes, kind, spanContext } = span('send T');
  assert.equal(kind, api.SpanKind.PRODUCER);
  assert.deepEqual(attributes, {
    'messaging.system': 'rocketmq',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.rocketmq.client_group': 'G',
    'messaging.destination.name': 'T',
    'messaging.destination.partition.id': 'b/3',
    'messaging.message.body.size': 5,
    'messaging.message.id': 'M1',
    'messaging.rocketmq.message.type': 'normal',
    'messaging.rocketmq.message.tag': 'a',
    'messaging.rocketmq.message.keys': ['k'],
  });
  const { traceId, spanId } = spanContext.call(span('send T'));
  assert.equal(properties.get('traceparent'), `00-${traceId}-${spanId}-01`);
  assert.equal(properties.get('own'), '1');
  assert.deepEqual(message.properties, { own: '1' }, 'the message of the caller stays as it is');
});

test('a handler runs in a span that goes on with the trace, linked to the send', async () => {
  const properties = await send({ topic: 'T', body: 'x' });
  const sent = span('send T').spanContext();
  let inner: api.SpanContext | undefined;
  const handle = new ConsumeLayers('C', telemetry.consume).around(() => {
    inner = api.trace.getActiveSpan()?.spanContext();
  });
  await handle([deliver('M1', 'x', Object.fromEntries(properties)).message], signal);
  const process = span('process T');
  assert.equal(process.kind, api.SpanKind.CONSUMER);
  assert.equal(process.spanContext().traceId, sent.traceId);
  assert.equal(process.parentSpanContext?.spanId, sent.spanId);
  assert.deepEqual(
    process.links.map(({ context }) => context.spanId),
    [sent.spanId],
  );
  assert.equal(inner?.spanId, process.spanContext().spanId);
  assert.equal(process.attributes['messaging.consumer.group.name'], 'C');
});

test('a batch begins a trace of its own with a link to each send', async () => {
  const carried = [await send({ topic: 'T', body: 'x' }), await send({ topic: 'T', body: 'y' })];
  const messages = carried.map(
    (one, index) => deliver(`M${index}`, 'x', Object.fromEntries(one)).message,
  );
  await new ConsumeLayers('C', telemetry.consume).around(() => {})(messages, signal);
  const process = span('process T');
  assert.equal(process.links.length, 2);
  assert.equal(process.parentSpanContext, undefined);
  assert.equal(process.attributes['messaging.batch.message_count'], 2);
});

test('errors are on the span and in the figures; polls are spans too', async () => {
  const failing = new SendLayers('G', telemetry.send);
  const sending = failing.run('send', [{ topic: 'T', body: 'x' }], () =>
    Promise.reject(new RangeError('no')),
  );
  await assert.rejects(sending, /^RangeError: no$/);
  const { status, attributes, events } = span('send T');
  assert.deepEqual(status, { code: api.SpanStatusCode.ERROR, message: 'no' });
  assert.equal(attributes['error.type'], 'RangeError');
  assert.equal(events.length, 1);
  telemetry.received('C', [deliver('M1').message, deliver('M2').message]);
  assert.equal(span('receive T').attributes['messaging.batch.message_count'], 2);

  await reader.forceFlush();
  const [exported] = metrics.getMetrics().slice(-1);
  const all = exported?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  assert.deepEqual(all.map(({ descriptor }) => descriptor.name).sort(), [
    'messaging.client.consumed.messages',
    'messaging.client.operation.duration',
    'messaging.client.sent.messages',
    'messaging.process.duration',
  ]);
});

test('traces may begin anew at the handler, still linked', async () => {
  const properties = await send({ topic: 'T', body: 'x' });
  const own = fromOpenTelemetry(api, { continueTraces: false });
  const handle = new ConsumeLayers('C', own.consume).around(() => {});
  await handle([deliver('M1', 'x', Object.fromEntries(properties)).message], signal);
  const process = span('process T');
  assert.equal(process.parentSpanContext, undefined);
  assert.equal(process.links.length, 1);
});
