/**
 * A real Nest application. Decorators are called as functions: this is what the compiler makes of
 * them, and the loader of the tests knows the decorators of the language only.
 */
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { DeadLetters, Producer, type SendReceipt } from '@skylarkmq/client';
import {
  ClientRocketMq,
  RejectException,
  type RocketMqContext,
  RocketMqRecord,
  RocketMqServer,
} from '@skylarkmq/nestjs';
import { type Skylark, startSkylark } from '@skylarkmq/testing';
import { firstValueFrom, lastValueFrom, of } from 'rxjs';

const LIMIT_MS = 600_000;

/** What the handlers saw, and those that wait for it. */
class Seen {
  readonly #calls: [string, unknown, RocketMqContext][] = [];
  readonly #waiting: [string, (call: readonly [unknown, RocketMqContext]) => void][] = [];

  add(name: string, data: unknown, context: RocketMqContext): void {
    const at = this.#waiting.findIndex(([wanted]) => wanted === name);
    const [found] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (found === undefined) this.#calls.push([name, data, context]);
    else found[1]([data, context]);
  }

  next(name: string): Promise<readonly [unknown, RocketMqContext]> {
    const at = this.#calls.findIndex(([one]) => one === name);
    const [found] = at < 0 ? [] : this.#calls.splice(at, 1);
    if (found !== undefined) return Promise.resolve([found[1], found[2]]);
    return new Promise((resolve) => this.#waiting.push([name, resolve]));
  }
}

const seen = new Seen();

class Orders {
  paid(data: unknown, context: RocketMqContext): void {
    seen.add('paid', data, context);
  }

  all(data: unknown, context: RocketMqContext): void {
    seen.add('all', data, context);
  }

  async again(data: unknown, context: RocketMqContext): Promise<void> {
    seen.add('again', data, context);
    if (context.getMessage().reconsumeTimes > 0) return;
    await context.retry({ delayLevel: 1 });
    throw new RpcException('not yet');
  }

  hopeless(data: unknown, context: RocketMqContext): void {
    seen.add('hopeless', data, context);
    throw new RejectException('never');
  }

  sum(numbers: number[]): unknown {
    return of(numbers.reduce((total, one) => total + one, 0));
  }

  fail(): never {
    throw new RpcException('no such order');
  }
}

function decorate(name: keyof Orders, pattern: MethodDecorator): void {
  const { prototype } = Orders;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  assert.ok(descriptor);
  pattern(prototype, name, descriptor);
  Payload()(prototype, name, 0);
  Ctx()(prototype, name, 1);
}

decorate('paid', EventPattern('nest-orders:paid'));
decorate('all', EventPattern('nest-orders'));
decorate('again', EventPattern('nest-again'));
decorate('hopeless', EventPattern('nest-hopeless'));
decorate('sum', MessagePattern('nest-sum'));
decorate('fail', MessagePattern({ topic: 'nest-fail', tags: 'now' }));
Controller()(Orders);

class AppModule {}
Module({ controllers: [Orders] })(AppModule);

suite('a Nest application', { timeout: LIMIT_MS }, () => {
  let skylark: Skylark;
  let app: INestMicroservice;
  let client: ClientRocketMq;
  const failures: unknown[] = [];

  before(async () => {
    skylark = await startSkylark();
    const topics = ['nest-orders', 'nest-again', 'nest-hopeless', 'nest-sum', 'nest-fail'];
    for (const topic of topics) await skylark.createTopic(topic);
    const namesrv = skylark.namesrvAddress;
    const strategy = new RocketMqServer({ namesrv, group: 'nest', consumeFrom: 'first' });
    strategy.on('error', (error) => failures.push(error));
    app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
    await app.listen();
    client = new ClientRocketMq({ namesrv, group: 'nest-client', replyTimeoutMs: 30_000 });
  });
  after(async () => {
    await client.close();
    await app.close();
    await skylark.close();
  });

  test('an event reaches every handler that wants it, with its message', async () => {
    const fields = { keys: ['k1'], properties: { color: 'red' } };
    const sent = client.emit<SendReceipt>(
      'nest-orders:paid',
      new RocketMqRecord({ id: 1 }, fields),
    );
    const receipt = await firstValueFrom(sent);
    const [data, context] = await seen.next('paid');
    assert.deepEqual(data, { id: 1 });
    assert.equal(context.getTopic(), 'nest-orders');
    assert.equal(context.getPattern(), 'nest-orders:paid');
    assert.equal(context.getMessage().messageId, receipt.messageId);
    assert.equal(context.getMessage().property('color'), 'red');
    assert.deepEqual((await seen.next('all'))[0], { id: 1 });
    await lastValueFrom(client.emit('nest-orders', { id: 2 }));
    assert.deepEqual((await seen.next('all'))[0], { id: 2 });
  });

  test('what is no JSON comes as bytes', async () => {
    const producer = new Producer({ namesrv: skylark.namesrvAddress });
    await producer.send({ topic: 'nest-orders', body: Buffer.from([0xff, 0x00]) });
    assert.deepEqual((await seen.next('all'))[0], Buffer.from([0xff, 0x00]));
    await producer.close();
  });

  test('a handler that throws gets its event again', async () => {
    await lastValueFrom(client.emit('nest-again', { id: 3 }));
    const [, first] = await seen.next('again');
    assert.equal(first.getMessage().reconsumeTimes, 0);
    const [data, second] = await seen.next('again');
    assert.deepEqual(data, { id: 3 });
    assert.equal(second.getMessage().reconsumeTimes, 1);
    assert.match(JSON.stringify(failures), /not yet/);
  });

  test('a RejectException puts the message into the dead letters', async () => {
    await lastValueFrom(client.emit('nest-hopeless', { id: 4 }));
    const [, context] = await seen.next('hopeless');
    const letters = new DeadLetters({ namesrv: skylark.namesrvAddress, group: 'nest' });
    let found: string | undefined;
    while (found === undefined) {
      for await (const letter of letters.read()) found = letter.text();
    }
    assert.equal(found, '{"id":4}');
    assert.equal(context.getMessage().outcome, 'rejected');
    await letters.close();
  });

  test('a request is answered', async () => {
    assert.equal(await lastValueFrom(client.send('nest-sum', [1, 2, 3])), 6);
    const failing = lastValueFrom(client.send({ topic: 'nest-fail', tags: 'now' }, {}));
    await assert.rejects(failing, (thrown) => {
      assert.deepEqual(thrown, { status: 'error', message: 'no such order' });
      return true;
    });
  });

  test('a request without a handler is answered with what is missing', async () => {
    await assert.rejects(lastValueFrom(client.send('nest-orders:paid', {})), (thrown) => {
      assert.match(JSON.stringify(thrown), /add @MessagePattern\('nest-orders:paid'\)/);
      return true;
    });
  });

  test('a client sends to one tag only', async () => {
    await assert.rejects(lastValueFrom(client.emit('nest-orders:a||b', {})), {
      code: 'INVALID_ARGUMENT',
    });
  });
});
