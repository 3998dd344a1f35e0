/**
 * By hand: `node --import tsx --conditions=@skylarkmq/source packages/broker/test/hot-path.bench.ts
 * PORT [sync|async] [directory]` serves sends and pulls from real files until it is interrupted,
 * for the generator in bench/raw.
 */
import { tmpdir } from 'node:os';
import { realFileSystem } from '@skylarkmq/base';
import { topicConfig } from '@skylarkmq/wire';
import { startHotPath } from './hot-path-broker.ts';

const port = Number(process.argv[2] ?? 25911);
const flush = process.argv[3] === 'sync' ? 'sync' : 'async';
const directory = process.argv[4] ?? `${tmpdir()}/skylark-hot-path-bench`;

realFileSystem.remove(directory);
const broker = await startHotPath({
  fileSystem: realFileSystem,
  directory,
  port,
  store: { flush, commitLogFileBytes: 1024 * 1024 * 1024 },
});
broker.topics.put(topicConfig('RawBench', 4, 6));
process.stdout.write(`pid ${process.pid}, port ${broker.port}, ${flush}, ${directory}\n`);
const keepAlive = setInterval(() => undefined, 60_000);
process.once('SIGINT', () => {
  clearInterval(keepAlive);
  void broker.close().then(() => realFileSystem.remove(directory));
});
