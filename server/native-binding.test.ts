import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  describeBinding,
  findNativeBinding,
  loadNativeBinding,
  NoBindingError,
  readGlibcVersion,
} from './native-binding.js';

const { platform, arch, versions } = process;
const fileName = `uws_${platform}_${arch}_${versions.modules}.node`;
const installed = dirname(createRequire(import.meta.url).resolve('uWebSockets.js'));
const [major = 0, minor = 0] = (readGlibcVersion() ?? '').split('.').map(Number);
const isOldGlibc = platform === 'linux' && major * 100 + minor < 238;

/**
 * SHA-256 of each build for Linux and macOS in version 20.56.0 of the package, whose source_commit is
 * ff48755d2f5428973d87f166f40ede34995bee5a.
 */
const knownHashes: Readonly<Record<string, string>> = {
  'uws_linux_arm64_115.node': '5f179165f9ade910999ce8724d71ecdcc4f7e1b944053683d98bfda62665e081',
  'uws_linux_arm64_127.node': 'db310856b4d36b2b6e83888c9faa87ccd65454e6157f457bf9cb4ebabaed7a65',
  'uws_linux_arm64_137.node': 'ad0ffb42a119ee022ba1fc752d942e5a19b863ce47bfdc909cd1d5bc1363a7a6',
  'uws_linux_arm64_141.node': '0d5d90b098e82bdb461f276c614942b0a33d85c922e403861c0990cc961cd13f',
  'uws_linux_x64_115.node': '3c4cfd4f4673c591dbca82cdda94f7e0ad9bc298966c39a7bd259838c2b25d4f',
  'uws_linux_x64_127.node': '0e0af5d0e486b67e25dd5c6686f8f05be4504629404d5c1972c808ab5d8e4cc2',
  'uws_linux_x64_137.node': '9aa8b857ac4ab0bfb1245e948eeeacc904b13a3608c9a281d551c43c66bea66e',
  'uws_linux_x64_141.node': '0958d6d6dd863240494539d02a34d41de24a2d7c1552c4a41efb3744ec56298e',
  'uws_darwin_arm64_115.node': 'fe600f03f02ea7443d15ca7ae47bd4489b40b3543bc30a6db2b3048e2a04261f',
  'uws_darwin_arm64_127.node': 'c8ca6162869372a5d4acd66aa8c835286ed6e897d125ddb88875b5ab7f68bc09',
  'uws_darwin_arm64_137.node': '51546f781dfd41b4c3820f7198d94d953af1dd4a22745ccda2fcf5eec3e4edf8',
  'uws_darwin_arm64_141.node': 'e3a1c06653e6fc53d969730f38f528e0984f94220261836b9972fc5912d261fb',
  'uws_darwin_x64_115.node': '4f749a19869da5914e8c02a032ee06b4e5d26cd918b4a845c69eea7bdd9f7c34',
  'uws_darwin_x64_127.node': '3ad68d013ed3d8c5251b07ddb099c59e051d1a468cc4c471185383cf7125a882',
  'uws_darwin_x64_137.node': '249e85589d9d39445f70765a10e1f3b0b142b7d1b406f360ea27681e0025fb02',
  'uws_darwin_x64_141.node': '1c680445ed7dbd124aefc4bae7edc13b6eb2583efc6573ad890484188eac484b',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-binding-'));
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
});
afterEach(() => {
  delete process.env['XDG_CACHE_HOME'];
  rmSync(folder, { recursive: true });
});

function messageAndAdvice(given: string): NoBindingError {
  try {
    findNativeBinding(given);
  } catch (error) {
    assert.ok(error instanceof NoBindingError);
    return error;
  }
  return assert.fail('a build was found');
}

describe('the installed package', () => {
  it('has the builds whose hashes are known', () => {
    const hashes = readdirSync(installed)
      .filter((name) => /^uws_(linux|darwin)/.test(name))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(installed, name)))
          .digest('hex'),
      ]);
    assert.deepEqual(Object.fromEntries(hashes), knownHashes);
  });
});

describe('findNativeBinding()', () => {
  it('finds a build that loads on this machine, as it is or lowered', () => {
    const binding = findNativeBinding(undefined);
    const uws = loadNativeBinding(binding);
    assert.equal(typeof uws.App, 'function');
    assert.equal(typeof uws.SSLApp, 'function');
    assert.equal(binding.version, '20.56.0');
    assert.equal(binding.abi, versions.modules);
    assert.ok(isAbsolute(binding.file));
    assert.equal(binding.lowered, isOldGlibc);
    assert.ok(basename(binding.file).endsWith(fileName));
  });

  it('keeps a lowered copy in the cache, whole, and makes a damaged one again', (t) => {
    if (!isOldGlibc) {
      t.skip('the build loads as it is');
      return;
    }
    const { file } = findNativeBinding(undefined);
    const made = readFileSync(file);
    writeFileSync(file, made.subarray(0, 1000));
    assert.equal(findNativeBinding(undefined).file, file);
    assert.ok(readFileSync(file).equals(made));
    assert.deepEqual(readdirSync(dirname(file)), [basename(file)]);
  });

  it('takes a package folder or a file that is given', () => {
    for (const given of [installed, join(installed, fileName)]) {
      assert.equal(findNativeBinding(given).version, '20.56.0');
    }
  });

  it('says that a given package has no file for this Node, and the ways on', () => {
    writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}');
    const { message, advice } = messageAndAdvice(folder);
    const here = `Node ${versions.node} (ABI ${versions.modules}, ${platform} ${arch}, `;
    assert.ok(message.startsWith(`No build of --uws ${folder} loads on ${here}`), message);
    assert.ok(message.endsWith(`): version 1.2.3 has no file ${fileName}`), message);
    assert.ok(advice.length <= 5);
    assert.deepEqual(
      ['docker compose up', '--target ws', '--exec', 'npm install'].filter(
        (way) => !advice.some((line) => line.includes(way)),
      ),
      [],
    );
  });

  it('says why a file does not load, also one that takes its process down', () => {
    const damaged = join(folder, 'damaged.node');
    writeFileSync(damaged, 'no library'.repeat(100));
    assert.match(messageAndAdvice(damaged).message, /invalid ELF header|not a mach-o/i);

    const half = join(folder, 'half.node');
    writeFileSync(half, readFileSync(join(installed, fileName)).subarray(0, 100_000));
    assert.match(messageAndAdvice(half).message, /: .+/);
  });

  it('says when the copy can not be written', (t) => {
    if (!isOldGlibc) {
      t.skip('the build loads as it is');
      return;
    }
    mkdirSync(join(folder, 'cache'));
    writeFileSync(join(folder, 'cache', 'tidemark'), 'a file where a folder should be');
    assert.match(
      messageAndAdvice(installed).message,
      /GLIBC_2\.38.*; the copy for an older glibc failed: E/,
    );
  });
});

describe('describeBinding()', () => {
  it('names version, ABI and file, and says of a copy that it is one', () => {
    const binding = { version: '20.56.0', abi: '115', file: '/x/uws_linux_x64_115.node' };
    assert.equal(
      describeBinding({ ...binding, lowered: false }),
      'uWebSockets.js 20.56.0, ABI 115, /x/uws_linux_x64_115.node',
    );
    assert.equal(
      describeBinding({ ...binding, lowered: true }),
      'uWebSockets.js 20.56.0, ABI 115, lowered for a glibc before 2.38, /x/uws_linux_x64_115.node',
    );
  });
});
