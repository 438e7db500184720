// A plugin of Prettier's for JSON with comments. The one that GraphiQL asks for brings a whole JavaScript
// parser; this one leaves the work to the parser that is here already.
import { applyEdits, format } from "jsonc-parser";

function parse(text) {
  const options = { insertSpaces: true, tabSize: 2, eol: "\n" };
  return { text: applyEdits(text, format(text, undefined, options)).trim(), length: text.length };
}

export const parsers = {
  jsonc: { parse, astFormat: "formatted-jsonc", locStart: () => 0, locEnd: (node) => node.length },
};

export const printers = {
  "formatted-jsonc": { print: (path) => path.node.text },
};
