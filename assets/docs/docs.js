// Shows this server's own description. Nothing is fetched from elsewhere: the validator that Swagger UI
// would ask is switched off.
SwaggerUIBundle({
  url: new URL("/v1/openapi.json", location.href).href,
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
});
