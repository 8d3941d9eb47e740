// As much of Node as the examples use.
declare module 'node:fs/promises' {
  export function readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  export function readFile(path: string, encoding: 'utf8'): Promise<string>;
  export function writeFile(path: string, data: string | Uint8Array): Promise<void>;
}
declare const process: { readonly argv: string[]; readonly stdout: { write(text: string): boolean } };
