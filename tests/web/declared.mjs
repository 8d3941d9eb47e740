// What a declaration file of the package declares, as the TypeScript compiler reads it: names,
// members, options with their stated defaults, and the words of closed sets.
import ts from 'typescript';

/** `[Symbol.dispose]` for TypeScript's own spelling of it. */
const shown = (name) => name.replace(/^__@(\w+)@.*$/, '[Symbol.$1]');
const names = (symbols) => symbols.map((symbol) => shown(symbol.getName())).sort();

/** The text of a tag such as @defaultValue; undefined where there is none. */
function tag(symbol, name) {
  const found = symbol.getJsDocTags().find((each) => each.name === name);
  return found && ts.displayPartsToString(found.text).trim();
}

export class Declarations {
  #checker;
  #exports;

  constructor(file) {
    const program = ts.createProgram([file], {
      strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    this.#checker = program.getTypeChecker();
    const source = program.getSourceFile(file);
    if (!source) throw new Error(`${file} cannot be read`);
    this.#exports = new Map(this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(source))
      .map((symbol) => [symbol.getName(),
        symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol]));
  }

  #symbol(name) {
    const symbol = this.#exports.get(name);
    if (!symbol) throw new Error(`${name} is not declared`);
    return symbol;
  }

  #where(flags) {
    return [...this.#exports].filter(([, symbol]) => symbol.flags & flags).map(([name]) => name).sort();
  }

  /** What can be imported at run time, and of that the classes. */
  get values() { return this.#where(ts.SymbolFlags.Value); }
  get classes() { return this.#where(ts.SymbolFlags.Class); }
  get interfaces() {
    return this.#where(ts.SymbolFlags.Interface).filter((name) => !this.classes.includes(name));
  }

  /** Names of the members of what a property of an interface holds. */
  membersOfProperty(name, property) {
    const holder = this.#checker.getDeclaredTypeOfSymbol(this.#symbol(name)).getProperty(property);
    return names(this.#checker.getTypeOfSymbol(holder).getProperties());
  }

  /** Names of a class's static members. */
  statics(name) {
    return names(this.#checker.getTypeOfSymbol(this.#symbol(name)).getProperties()
      .filter((symbol) => symbol.getName() !== 'prototype'));
  }

  /** Members of a class or interface, inherited ones too: name → { kind, optional, default, documented }. */
  members(name) {
    const type = this.#checker.getDeclaredTypeOfSymbol(this.#symbol(name));
    return new Map(type.getProperties().map((symbol) => [shown(symbol.getName()), {
      kind: symbol.flags & ts.SymbolFlags.Method ? 'method' : 'property',
      optional: Boolean(symbol.flags & ts.SymbolFlags.Optional),
      default: tag(symbol, 'defaultValue'),
      documented: symbol.getDocumentationComment(this.#checker).length > 0,
      words: this.#words(this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(symbol))),
    }]));
  }

  /** Whether an export is described. */
  isDocumented(name) {
    return this.#symbol(name).getDocumentationComment(this.#checker).length > 0;
  }

  #words(type) {
    const parts = type.isUnion() ? type.types : [type];
    return parts.every((part) => part.isStringLiteral()) ? parts.map((part) => part.value).sort() : undefined;
  }

  /** The words of a closed set, such as those of `Method`. */
  words(name) {
    const words = this.#words(this.#checker.getDeclaredTypeOfSymbol(this.#symbol(name)));
    if (!words) throw new Error(`${name} is not a union of words`);
    return words;
  }
}

const OPTIONS = {
  strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true,
  noUncheckedSideEffectImports: true, target: ts.ScriptTarget.ES2022, types: [], allowJs: true, checkJs: true,
};
export const RESOLUTIONS = {
  nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
};

/** As `tsc --strict --noEmit`: what the compiler says about the files, one line each. */
export function faultsOf(files, resolution, more = {}) {
  const lib = (more.lib ?? ['ES2022', 'DOM', 'DOM.Iterable']).map((name) => `lib.${name.toLowerCase()}.d.ts`);
  const program = ts.createProgram(files, { ...OPTIONS, ...RESOLUTIONS[resolution], ...more, lib });
  return ts.getPreEmitDiagnostics(program).map((each) => {
    const text = ts.flattenDiagnosticMessageText(each.messageText, '\n');
    if (!each.file) return text;
    const { line, character } = each.file.getLineAndCharacterOfPosition(each.start);
    return `${each.file.fileName}:${line + 1}:${character + 1} ${text}`;
  });
}
