// Validates requests against Shopify's own Admin schemas, as the npm package @shopify/dev-mcp ships them.
// Standard input: {"root": folder with node_modules, "versions": [...], "requests": [{"query", "variables"}, …]}.
// Standard output: a line for each fault; none where all is well.
const { readFileSync } = require('fs');
const { gunzipSync } = require('zlib');
const { join } = require('path');
const { root, versions, requests } = JSON.parse(readFileSync(0, 'utf8'));
const graphql = require(join(root, 'node_modules/graphql'));
const { getVariableValues } = require(join(root, 'node_modules/graphql/execution/values'));
const data = join(root, 'node_modules/@shopify/dev-mcp/dist/data');

for (const version of versions) {
  const json = JSON.parse(gunzipSync(readFileSync(join(data, `admin_${version}.json.gz`))));
  const schema = graphql.buildClientSchema(json.data || json, { assumeValid: true });
  const say = (name, fault) => console.log(`${version} ${name}: ${fault}`);
  for (const { query, variables } of requests) {
    const document = graphql.parse(query);
    const operation = document.definitions.find(definition => definition.kind === 'OperationDefinition');
    const name = operation.name ? operation.name.value : '?';
    graphql.validate(schema, document).forEach(error => say(name, error.message));
    const { errors } = getVariableValues(schema, operation.variableDefinitions, variables);
    (errors || []).forEach(error => say(name, error.message));
    for (const definition of operation.selectionSet.selections) {
      const type = operation.operation === 'mutation' ? schema.getMutationType() : schema.getQueryType();
      const field = type.getFields()[definition.name.value];
      if (field && field.deprecationReason) say(name, `${definition.name.value} is deprecated: ${field.deprecationReason}`);
    }
  }
}
