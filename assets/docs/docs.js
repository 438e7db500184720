// Shows this server's own description. Requests go to where the page came from, whatever name it was
// reached by. Nothing is fetched from elsewhere: the validator that Swagger UI would ask is switched off.
(async () => {
  const description = await (await fetch("openapi.json")).json();
  const server = new URL(".", location.href).href.replace(/\/$/, "");
  description.servers = [{ url: server }];
  const methods = ["get", "post", "patch", "delete"];
  for (const [path, item] of Object.entries(description.paths)) {
    for (const operation of methods.map((method) => item[method]).filter(Boolean)) {
      showExamplesAsText(operation.parameters ?? []);
      if (isStream(operation)) explainStream(operation, server + path);
    }
  }
  // Where is "Try it out"? Not at a stream: Swagger UI shows an answer when it has ended, and a stream does not end.
  const withoutStreams = (original) => (state, path, method) =>
    original(state, path, method) && !isStream(description.paths[path]?.[method]);
  SwaggerUIBundle({
    spec: description,
    dom_id: "#docs",
    deepLinking: true,
    displayRequestDuration: true,
    persistAuthorization: false,
    validatorUrl: null,
    plugins: [{ statePlugins: { spec: { wrapSelectors: { allowTryItOutFor: withoutStreams } } } }],
  });

  // "Try it out" fills in examples. Of a filter that may be left out, that would be a filter that nobody chose.
  function showExamplesAsText(parameters) {
    for (const parameter of parameters.filter(({ required }) => !required)) {
      const { $ref, ...own } = parameter.schema;
      const { example: ofSchema, ...schema } = { ...description.components.schemas[$ref?.split("/").at(-1)], ...own };
      const example = parameter.example ?? ofSchema;
      delete parameter.example;
      parameter.schema = schema;
      if (example !== undefined) {
        parameter.description = `${parameter.description ?? ""} For example \`${example}\`.`.trim();
      }
    }
  }

  function isStream(operation) {
    return Object.values(operation?.responses ?? {}).some(({ content }) => content?.["text/event-stream"]);
  }

  function explainStream(operation, address) {
    operation.summary = `${operation.summary} (a stream: text/event-stream)`;
    operation.description = `**This answer does not end**, so it cannot be tried on this page. In a terminal:

\`\`\`sh
curl -N -H "Authorization: Bearer …" ${address}
\`\`\`

${operation.description ?? ""}`;
  }
})();
