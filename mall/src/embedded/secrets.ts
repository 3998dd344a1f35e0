/** Secrets of an installation: given, or made once and kept beside its data. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { UsageError } from './command-line.ts';

const secretsSchema = z.object({
  internal: z.string().min(8),
  provider: z.string().min(8),
  staffPassword: z.string().min(8),
});
export type KeptSecrets = z.infer<typeof secretsSchema>;

const SECRET_BYTES = 24;
const PASSWORD_BYTES = 9;

export interface GivenSecrets {
  readonly internal: string | undefined;
  readonly provider: string | undefined;
  readonly staffPassword: string | undefined;
}

/** `path` null: nothing is kept. */
export function secretsOf(path: string | null, given: GivenSecrets): KeptSecrets {
  const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
  const kept = path !== null && existsSync(path) ? readSecrets(path) : undefined;
  const secrets = {
    internal: given.internal ?? kept?.internal ?? random(SECRET_BYTES),
    provider: given.provider ?? kept?.provider ?? random(SECRET_BYTES),
    staffPassword: given.staffPassword ?? kept?.staffPassword ?? random(PASSWORD_BYTES),
  };
  const checked = secretsSchema.safeParse(secrets);
  if (!checked.success) throw new UsageError('Secrets and passwords need 8 characters or more');
  if (path !== null && kept === undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets;
}

function readSecrets(path: string): KeptSecrets {
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} is not what it was written as: ${reason}`);
  }
}
