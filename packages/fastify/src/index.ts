export { type ConsumeOptions, SkylarkMq } from './skylark-mq.ts';
export { type SkylarkPluginOptions, skylarkPlugin } from './skylark-plugin.ts';
