// Shows this server's own description. Requests go to where the page came from, whatever name it was
// reached by. Nothing is fetched from elsewhere: the validator that Swagger UI would ask is switched off.
(async () => {
  const description = await (await fetch("openapi.json")).json();
  description.servers = [{ url: new URL(".", location.href).href.replace(/\/$/, "") }];
  SwaggerUIBundle({
    spec: description,
    dom_id: "#docs",
    deepLinking: true,
    displayRequestDuration: true,
    persistAuthorization: false,
    validatorUrl: null,
  });
})();
