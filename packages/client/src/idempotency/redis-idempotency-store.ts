import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { Claim, IdempotencyStore } from './idempotency-store.ts';

/**
 * Runs a Lua script: with ioredis `(script, keys, args) => redis.eval(script, keys.length, ...keys,
 * ...args)`, with node-redis `(script, keys, args) => client.eval(script, { keys, arguments: args
 * })` (copies of the lists, where it wants its own).
 */
export type RedisEval = (
  script: string,
  keys: readonly string[],
  args: readonly string[],
) => Promise<unknown>;

/** Options of {@link redisIdempotencyStore}. */
export interface RedisIdempotencyOptions {
  readonly evaluate: RedisEval;
  /** In front of every key. Default `skylark:idempotency:`. */
  readonly prefix?: string;
}

const PREFIX_DEFAULT = 'skylark:idempotency:';

/** A claimed key holds `p` and its token, one that is done holds `d`. */
const CLAIM = `
local held = redis.call('GET', KEYS[1])
if held == 'd' then return 'done' end
if held and held ~= 'p' .. ARGV[1] then return 'busy' end
redis.call('SET', KEYS[1], 'p' .. ARGV[1], 'PX', ARGV[2])
return 'claimed'`;

const COMPLETE = `
if redis.call('GET', KEYS[1]) ~= 'p' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], 'd', 'PX', ARGV[2])
return 1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == 'p' .. ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/**
 * Keeps keys in Redis, with the client that you have. Redis forgets keys by itself; a key is as
 * safe as Redis's own persistence and replication.
 */
export function redisIdempotencyStore(options: RedisIdempotencyOptions): IdempotencyStore {
  const { evaluate, prefix = PREFIX_DEFAULT } = options;
  return {
    async claim(key, token, leaseMs) {
      return claimOf(await evaluate(CLAIM, [prefix + key], [token, String(leaseMs)]));
    },
    async complete(key, token, keepMs) {
      const answer = await evaluate(COMPLETE, [prefix + key], [token, String(keepMs)]);
      return Number(answer) === 1;
    },
    async release(key, token) {
      await evaluate(RELEASE, [prefix + key], [token]);
    },
  };
}

function claimOf(answer: unknown): Claim {
  const text = String(answer);
  if (text === 'claimed' || text === 'done' || text === 'busy') return text;
  throw new MqError(
    MqErrorCode.Internal,
    `The claim script answered ${text}: evaluate must return what Redis answers to EVAL`,
  );
}
