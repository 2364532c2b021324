// node editor.cjs TYPESCRIPT FILE OUT: writes what an editor shows of each key that a component of the package takes and gives out.
// TYPESCRIPT is the compiler's directory, FILE a program that imports the package, OUT is JSON.
const fs = require("node:fs");
const [typescript, file, out] = process.argv.slice(2);
const ts = require(typescript);

const options = { strict: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, skipLibCheck: true };
const program = ts.createProgram([file], { ...options, types: [] });
const checker = program.getTypeChecker();
const imports = program.getSourceFile(file).statements.filter(ts.isImportDeclaration);
const specifier = imports.map((one) => one.moduleSpecifier).find((one) => one.text.endsWith("/mcp-stack"));
const shown = {};

function show(owner, type) {
    for (const key of type.getProperties()) {
        const declaration = key.declarations?.[0];
        if (!declaration || !declaration.getSourceFile().fileName.includes("/sdk/")) continue; // of Pulumi's own
        const found = checker.getTypeOfSymbol(key);
        shown[`${owner}.${key.name}`] = {
            doc: ts.displayPartsToString(key.getDocumentationComment(checker)),
            type: checker.typeToString(found, undefined, ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias),
            optional: Boolean(key.flags & ts.SymbolFlags.Optional),
            values: (found.isUnion() ? found.types : []).filter((one) => one.isStringLiteral()).map((one) => one.value),
        };
    }
}

function each(module, prefix) {
    for (const one of checker.getExportsOfModule(module)) {
        const name = prefix + one.name;
        if (one.flags & ts.SymbolFlags.Alias) {
            const real = checker.getAliasedSymbol(one);
            if (real.flags & ts.SymbolFlags.ValueModule) each(real, `${name}.`);
            else if (real.flags & ts.SymbolFlags.Interface) show(name, checker.getDeclaredTypeOfSymbol(real));
        } else if (one.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) {
            show(name, checker.getDeclaredTypeOfSymbol(one));
        }
    }
}

each(checker.getSymbolAtLocation(specifier), "");
fs.writeFileSync(out, JSON.stringify(shown));
