import js from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/**
 * The direction of imports between the folders at the top: `test` and `docs` may use all that follows, then `tidemark.ts`,
 * `bench`, `loadgen` and `server` (which don't know of each other), `machine`, `program`. What a folder must not import:
 */
const forbiddenFolders = {
  bench: ['test', 'docs'],
  loadgen: ['test', 'docs', 'bench', 'server'],
  server: ['test', 'docs', 'bench', 'loadgen'],
  machine: ['test', 'docs', 'bench', 'loadgen', 'server'],
  program: ['test', 'docs', 'bench', 'loadgen', 'server', 'machine'],
};

const directions = Object.entries(forbiddenFolders).map(([folder, forbidden]) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            // Up to the root of the repository and down into another folder, from whatever depth.
            regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
            message: `${folder}/ must not know of ${forbidden.join(', ')}: see docs/architecture.md`,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', '.builds/', 'results/', 'node_modules/'] },
  js.configs.recommended,
  { files: ['build.js'], languageOptions: { globals: { process: 'readonly' } } },
  {
    files: ['**/*.ts'],
    extends: [
      ...tseslint.configs.strictTypeChecked,
      jsdoc.configs['flat/recommended-typescript-error'],
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Every export is documented in prose; tags are for what prose says badly (throws), never for types.
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'],
        },
      ],
      'jsdoc/require-param': 'off',
      'jsdoc/require-returns': 'off',
      'jsdoc/tag-lines': ['error', 'any', { startLines: null }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  {
    // uPlot declares its numbers as ambient const enums, which exist neither at run time nor under verbatimModuleSyntax.
    files: ['bench/report/page/**'],
    rules: { '@typescript-eslint/no-unsafe-enum-assignment': 'off' },
  },
  {
    files: ['bench/targets/peers/bun/**', 'test/ground-truth/servers/bun-known-server.js'],
    languageOptions: { globals: { Bun: 'readonly', Response: 'readonly' } },
  },
  ...directions,
  {
    files: ['**/*.test.ts'],
    rules: {
      // node:test's describe() and it() return promises that the runner itself awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['describe', 'it', 'test', 'suite'], package: 'node:test' },
          ],
        },
      ],
    },
  },
);
