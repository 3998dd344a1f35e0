/** What a command gets from the process and what it gives back. */

/** The edges of the process, handed in by main.ts: nothing else reads them. */
export interface CommandInput {
  /** What follows the command's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How to call this program again, such as `skylark` or `node packages/skylark/dist/main.js`. */
  readonly program: string;
  readonly pid: number;
  readonly workingDirectory: string;
  readonly homeDirectory: string;
  /** Whether people, not programs, read the error output. */
  readonly errorIsTerminal: boolean;
  /** Milliseconds since the process began. */
  upMs(): number;
  /** Writes to the standard output. */
  write(text: string): void;
  /** Writes to the error output. */
  writeError(text: string): void;
}

/** A command that goes on: servers that run until they are closed. */
export interface Running {
  /** Drains and flushes. */
  close(): Promise<void>;
}

/** Undefined: the command is done. Throws MqError; INVALID_ARGUMENT for what the user typed. */
export type Command = (input: CommandInput) => Promise<Running | undefined>;
