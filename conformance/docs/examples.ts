/** The TypeScript examples of a page: written into a workspace, compiled, and run in order. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');
const ADDRESS_ON_PAGE = '127.0.0.1:9876';

export class Examples {
  readonly count: number;
  readonly page: string;
  readonly #texts: readonly string[];
  #directory = '';

  /** `path` of the page, from the root of the repository. */
  constructor(path: string) {
    this.page = readFileSync(join(ROOT, path), 'utf8');
    this.#texts = [...this.page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    this.count = this.#texts.length;
  }

  /** Writes them, with the address of a running name server in place of the page's. */
  write(namesrv: string): void {
    // Inside the workspace, where its packages are found.
    const cache = join(ROOT, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    this.#directory = mkdtempSync(join(cache, 'docs-page-'));
    writeFileSync(join(this.#directory, 'package.json'), '{"type":"module"}');
    for (const [index, text] of this.#texts.entries()) {
      const code = text.replaceAll(ADDRESS_ON_PAGE, namesrv);
      writeFileSync(join(this.#directory, `example-${index}.ts`), `${code}\nexport {};\n`);
    }
  }

  /** Fails with what the compiler says. */
  compile(): void {
    const options = { extends: join(ROOT, 'tsconfig.test.json'), include: ['*.ts'] };
    const config = { ...options, compilerOptions: { noUnusedLocals: true, types: ['node'] } };
    writeFileSync(join(this.#directory, 'tsconfig.json'), JSON.stringify(config));
    try {
      execFileSync('npx', ['tsc', '-p', this.#directory], { cwd: ROOT, encoding: 'utf8' });
    } catch (error) {
      assert.fail(String(Reflect.get(Object(error), 'stdout')));
    }
  }

  async run(index: number): Promise<void> {
    await import(pathToFileURL(join(this.#directory, `example-${index}.ts`)).href);
  }

  remove(): void {
    if (this.#directory !== '') rmSync(this.#directory, { recursive: true, force: true });
  }
}
