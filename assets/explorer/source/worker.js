// All of Monaco's workers. They have most of their code in common, so they share a file: the worker's
// name says whose work it does. Each module takes the worker over when it is loaded.
if (self.name === "json") {
  require("monaco-editor/esm/vs/language/json/json.worker.js");
} else if (self.name === "graphql") {
  require("monaco-graphql/esm/graphql.worker.js");
} else {
  require("monaco-editor/esm/vs/editor/editor.worker.js");
}
