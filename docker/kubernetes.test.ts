import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { parse, parseAllDocuments } from 'yaml';
import { packageFolder } from '../program/package.js';

const folder = join(packageFolder, 'docker', 'kubernetes');
const require = createRequire(import.meta.url);

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** The documents of a file of manifests. */
function readManifests(file: string): Manifest[] {
  const documents = parseAllDocuments(readFileSync(join(folder, file), 'utf8'));
  return documents.map((document) => document.toJS() as Manifest);
}

const kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as {
  readonly resources: readonly string[];
};
const manifests = kustomization.resources.flatMap(readManifests);

/** Module of kubernetes-models, made from the JSON schemas of Kubernetes, that describes an object. */
function modelOf({ apiVersion, kind }: Manifest): string {
  return `kubernetes-models/${apiVersion}/${kind}`;
}

/** Validates against the JSON schema: types, formats, required fields. */
function validate(manifest: Manifest): void {
  const models = require(modelOf(manifest)) as Readonly<
    Record<string, new (data: Manifest) => { validate(): void }>
  >;
  const Model = models[manifest.kind];
  assert.ok(Model, `there is no schema of ${manifest.kind}`);
  new Model(manifest).validate();
}

/**
 * Returns what the compiler says of manifests as literals of the types that stand for the schemas. A field that the
 * schema doesn't have is an error there, which makes the validation strict.
 */
function findStrictErrors(checked: readonly Manifest[]): string[] {
  const work = mkdtempSync(join(import.meta.dirname, 'manifests-'));
  try {
    const file = join(work, 'manifests.ts');
    const lines = checked.map(
      (manifest, index) =>
        `import type { I${manifest.kind} as Type${index} } from '${modelOf(manifest)}';\n` +
        `export const manifest${index}: Type${index} = ${JSON.stringify(manifest)};`,
    );
    writeFileSync(file, lines.join('\n'));
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  } finally {
    rmSync(work, { recursive: true });
  }
}

function find(kind: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind);
  assert.ok(found, `there is no ${kind}`);
  return found;
}

describe('the Kubernetes manifests', () => {
  it('are all named by the kustomization', () => {
    const files = readdirSync(folder).filter((file) => file !== 'kustomization.yaml');
    assert.deepEqual([...kustomization.resources].sort(), files.sort());
    assert.deepEqual(
      manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['Namespace tidemark', 'Deployment server', 'Service server', 'Job loadgen'],
    );
  });

  it('are valid by the schemas of Kubernetes, strictly', () => {
    for (const manifest of manifests) validate(manifest);
    assert.deepEqual(findStrictErrors(manifests), []);
  });

  it('would be refused with a field that does not exist, or one of another type', () => {
    const job = find('Job') as Manifest & { readonly spec: object };
    const misspelt = { ...job, spec: { ...job.spec, completion: 4 } };
    assert.match(findStrictErrors([misspelt])[0] ?? '', /"completion"' does not exist/);
    const quoted = { ...job, spec: { ...job.spec, completions: '4' } };
    assert.throws(() => {
      validate(quoted);
    }, /completions must be integer/);
  });

  it('divide the load into as many shards as there are pods', () => {
    const { spec } = find('Job') as Manifest & {
      readonly spec: {
        readonly completions: number;
        readonly parallelism: number;
        readonly template: {
          readonly spec: {
            readonly containers: readonly {
              readonly env: readonly { readonly name: string; readonly value: string }[];
            }[];
          };
        };
      };
    };
    const env = spec.template.spec.containers[0]?.env ?? [];
    const shards = Number(env.find(({ name }) => name === 'TIDEMARK_SHARDS')?.value);
    assert.deepEqual([spec.completions, spec.parallelism], [shards, shards]);
  });
});
