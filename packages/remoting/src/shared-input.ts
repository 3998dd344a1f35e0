/**
 * Reads plain sockets into one buffer that all connections of a process share, because a buffer for
 * each read costs the garbage collector more than the messages in it cost everybody else. Node
 * offers this (`onread`) for sockets that one makes oneself, so an accepted socket is made anew
 * around its handle. The handle is not public: where it is not found, sockets stay as they are.
 */
import { Socket } from 'node:net';

const SHARED_BYTES = 256 * 1024;
/** The property of a socket that holds its handle, which a new socket takes as an option. */
const HANDLE = '_handle';

let shared: Buffer | undefined;

/** What a connection reads from: set `receive` at once. */
export class SharedInput {
  readonly socket: Socket;
  /** Gets each stretch of bytes, which change as soon as it returns. */
  receive: (bytes: Buffer) => void = () => {};

  private constructor(handle: object) {
    shared ??= Buffer.allocUnsafeSlow(SHARED_BYTES);
    const buffer = shared;
    const callback = (bytes: number): boolean => {
      this.receive(buffer.subarray(0, bytes));
      return true;
    };
    const options = { handle, readable: true, writable: true, onread: { buffer, callback } };
    this.socket = new Socket(options);
    // Without a listener for data the end is only told to those who want it.
    this.socket.resume();
  }

  /**
   * Makes a socket around the connection of `accepted`, which is at its end then. Null, and nothing
   * done, when that is not possible. Nothing that was read may be left in `accepted`.
   */
  static takeOver(accepted: Socket): SharedInput | null {
    const handle: unknown = Reflect.get(accepted, HANDLE);
    if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) return null;
    if (accepted.destroyed || accepted.readableEnded || accepted.readableLength > 0) return null;
    const input = new SharedInput(handle);
    Reflect.set(accepted, HANDLE, null);
    accepted.destroy();
    return input;
  }
}
