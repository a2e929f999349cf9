import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import { describe, it } from 'node:test';
import { RunError } from '../options/failure.js';
import { describeBinding, type LoadedBinding, loadNativeBinding } from './native-binding.js';

const { platform, arch, versions } = process;

function assertLoaded({ uws, binding }: LoadedBinding): void {
  assert.equal(typeof uws.App, 'function');
  assert.equal(typeof uws.SSLApp, 'function');
  assert.equal(binding.abi, versions.modules);
  assert.ok(isAbsolute(binding.file));
  assert.ok(existsSync(binding.file));
  assert.equal(basename(binding.file), `uws_${platform}_${arch}_${versions.modules}.node`);
}

describe('loadNativeBinding()', () => {
  it('loads a build on this machine', () => {
    assertLoaded(loadNativeBinding('auto'));
  });

  const builds = [
    { choice: 'newest', version: '20.57.0', packageName: 'uWebSockets.js' },
    {
      choice: 'glibc-2.27',
      version: '20.30.0-unofficial.0',
      packageName: 'uWebSockets.js-glibc-2.27',
    },
  ] as const;
  for (const { choice, version, packageName } of builds) {
    it(`loads ${choice}, or says in one line why not and what to do`, () => {
      let loaded: LoadedBinding;
      try {
        loaded = loadNativeBinding(choice);
      } catch (error) {
        assert.ok(error instanceof RunError);
        assertFailure(error.message, packageName);
        return;
      }
      assertLoaded(loaded);
      assert.equal(loaded.binding.version, version);
    });
  }

  it('prefers the newest build that loads', () => {
    const first = builds.map(({ choice }) => tryLoad(choice)).find((one) => one !== undefined);
    assert.deepEqual(loadNativeBinding('auto').binding, first?.binding);
  });
});

describe('describeBinding()', () => {
  it('names version, ABI and file', () => {
    assert.equal(
      describeBinding({ version: '20.57.0', abi: '115', file: '/x/uws_linux_x64_115.node' }),
      'uWebSockets.js 20.57.0, ABI 115, /x/uws_linux_x64_115.node',
    );
  });
});

function tryLoad(choice: 'newest' | 'glibc-2.27'): LoadedBinding | undefined {
  try {
    return loadNativeBinding(choice);
  } catch {
    // The case above asserts on the failure.
    return undefined;
  }
}

function assertFailure(message: string, packageName: string): void {
  assert.doesNotMatch(message, /\n/);
  const here = `Node ${versions.node}, ABI ${versions.modules}, ${platform} ${arch}, `;
  const start = `No build of uWebSockets.js loads on ${here}`;
  assert.equal(message.slice(0, start.length), start);
  assert.match(message.slice(start.length), /^(glibc \d+\.\d+|no glibc) \(/);
  assert.ok(message.includes(`(${packageName}: `), message);
  assert.match(message, /: use Node 20, or .* glibc 2\.38 or newer .* package\.json/);
}
