/** The real Apache RocketMQ 5.5.0, started from its published jars. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apacheJars } from '../../bench/servers.ts';
import { Child } from './child.ts';
import { freePort } from './ports.ts';
import { type BrokerOptions, brokerConf, type Server } from './server.ts';
import { SHORT_LIVED_JVM } from './short-lived-jvm.ts';

const OPENED = [
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-exports=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
];
/** It refuses messages when the machine is busy (after 200 ms) or its disk is rather full. */
const PATIENCE = [
  'diskMaxUsedSpaceRatio=95',
  'brokerFastFailureEnable=false',
  'osPageCacheBusyTimeOutMills=60000',
];

/** A name server on a free port or the given one. */
export async function startApacheNamesrv(port?: number): Promise<Server> {
  const listenPort = port ?? (await freePort());
  return await start({
    name: "Apache's name server",
    main: 'org.apache.rocketmq.namesrv.NamesrvStartup',
    config: `listenPort=${listenPort}\n`,
    heap: ['-Xms128m', '-Xmx256m'],
    port: listenPort,
  });
}

export async function startApacheBroker(options: BrokerOptions): Promise<Server> {
  const settings = [...PATIENCE, ...(options.settings ?? [])];
  return await start({
    name: "Apache's broker",
    main: 'org.apache.rocketmq.broker.BrokerStartup',
    config: brokerConf({ ...options, settings }),
    heap: ['-Xms256m', '-Xmx1g', '-XX:MaxDirectMemorySize=512m'],
    port: options.port,
  });
}

interface Start {
  readonly name: string;
  readonly main: string;
  readonly config: string;
  readonly heap: readonly string[];
  readonly port: number;
}

async function start({ name, main, config, heap, port }: Start): Promise<Server> {
  const home = mkdtempSync(join(tmpdir(), 'skylark-apache-'));
  mkdirSync(join(home, 'conf'));
  const file = join(home, 'conf/server.conf');
  writeFileSync(file, config);
  const classPath = `${apacheJars()}:${join(home, 'conf')}`;
  const flags = [...heap, ...SHORT_LIVED_JVM, ...OPENED, `-Duser.home=${home}`, '-cp', classPath];
  const child = new Child({
    name,
    command: 'java',
    args: [...flags, main, '-c', file],
    env: { ROCKETMQ_HOME: home, HOME: home },
  });
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  try {
    // The broker says so when it has registered.
    await child.says('boot success');
  } catch (error) {
    remove();
    throw error;
  }
  return {
    address: `127.0.0.1:${port}`,
    pid: child.pid,
    async stop() {
      await child.stop();
      remove();
    },
    async kill() {
      await child.kill();
      remove();
    },
  };
}
