// Symbol.dispose for `using` (TypeScript 5.2): declared here, because projects whose `lib` is ES2022 do not
// have it. Merges with lib.esnext.disposable where that is present.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
}
export {};
