/** Passwords are kept as scrypt hashes with a salt each: `scrypt$N$salt$hash`. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const COST = 16_384;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return `scrypt$${COST}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Takes as long for a user who does not exist: give undefined then. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, cost = String(COST), salt = '', hash = ''] = (stored ?? '').split('$');
  const actual = await derive(password, Buffer.from(salt, 'base64'), Number(cost));
  const expected = Buffer.from(hash, 'base64');
  return expected.length === actual.length && timingSafeEqual(actual, expected);
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { N: cost }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
