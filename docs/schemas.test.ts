import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { makeSchemas, schemaFolder } from './schemas.js';

describe('the schemas', () => {
  const schemas = makeSchemas();
  for (const [name, text] of schemas) {
    it(`has ${name} as the types have it (npm run docs brings it up to date)`, () => {
      assert.equal(readFileSync(join(schemaFolder, name), 'utf8'), text);
    });

    it(`has a ${name} that is a schema by itself`, () => {
      const validate = new Ajv({ strictTypes: false }).compile(JSON.parse(text) as object);
      assert.equal(validate({}), false, 'nothing is no document');
      assert.doesNotMatch(text, /\$ref|import\(/);
    });
  }
});
