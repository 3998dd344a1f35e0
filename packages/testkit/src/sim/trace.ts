/**
 * What a program did to its disk, in order. Files are named by a number that survives renames;
 * paths are directory entries that point to them.
 */
export type TraceOperation =
  | { readonly kind: 'create'; readonly file: number; readonly path: string }
  | {
      readonly kind: 'write';
      readonly file: number;
      readonly position: number;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'truncate'; readonly file: number; readonly size: number }
  /** The sync returned here; it covers the operations before index `covers`, when it was asked. */
  | { readonly kind: 'sync'; readonly file: number; readonly covers: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'makeDirectory'; readonly path: string }
  | { readonly kind: 'syncDirectory'; readonly path: string }
  /** Not an operation: what the test wants to remember at this point, say an acknowledgement. */
  | { readonly kind: 'mark'; readonly label: string; readonly value: number };

/** A file that was there before the recording began; its content counts as durable. */
export interface InitialFile {
  readonly file: number;
  readonly path: string;
  readonly bytes: Buffer;
}

/** A recording: where it began and what followed. */
export interface Trace {
  readonly initialDirectories: readonly string[];
  readonly initialFiles: readonly InitialFile[];
  readonly operations: readonly TraceOperation[];
}
