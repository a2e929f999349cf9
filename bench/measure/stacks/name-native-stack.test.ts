import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NativeFrame } from './heaptrack-trace.js';
import { nameNativeStack } from './name-native-stack.js';

const at = (module: string, name: string, file?: string, line = 0): NativeFrame => ({
  name,
  isNamed: true,
  module,
  file,
  line,
});
const unnamed: NativeFrame = {
  name: '0x7f12',
  isNamed: false,
  module: '',
  file: undefined,
  line: 0,
};

describe('nameNativeStack()', () => {
  it('names the nearest functions, with what they are in', () => {
    const stack = [
      at('/lib/libz.so.1', 'deflateInit2_'),
      at('/usr/lib/jvm/libzip.so', 'Java_java_util_zip_Deflater_init'),
      unnamed,
    ];
    assert.equal(
      nameNativeStack(stack),
      'deflateInit2_ libz.so.1 < Java_java_util_zip_Deflater_init libzip.so',
    );
  });

  it('leaves out allocators, V8 and what C++ adds to names', () => {
    const stack = [
      at('/usr/lib/libstdc++.so.6', 'operator new(unsigned long)'),
      at(
        '/usr/bin/node',
        'std::vector<char, std::allocator<char> >::_M_default_append(unsigned long)',
      ),
      at('/usr/bin/node', 'v8::internal::BackingStore::Allocate(v8::internal::Isolate*)'),
      at(
        '/usr/bin/node',
        'node::(anonymous namespace)::CompressionStream<node::(anonymous namespace)::ZlibContext>::AllocForZlib(void*, unsigned int, unsigned int)',
      ),
      at(
        '/usr/bin/node',
        'node::ThreadPoolWork::ScheduleWork()::{lambda(uv_work_s*)#1}::_FUN(uv_work_s*)',
      ),
      at('/usr/bin/node', 'worker'),
      at('/lib/libc.so.6', 'start_thread'),
    ];
    assert.equal(
      nameNativeStack(stack),
      'node::CompressionStream::AllocForZlib node < node::ThreadPoolWork::ScheduleWork::{lambda} node < worker node',
    );
  });

  it('ends where code in another language calls, and leaves out the hash of our native build', () => {
    const stack = [
      at('/cache/3c4cfd4f4673c591-uws_linux_x64_115.node', 'us_create_poll'),
      unnamed,
      at('/usr/bin/node', 'node::InternalMakeCallback(node::Environment*)'),
    ];
    assert.equal(nameNativeStack(stack), 'us_create_poll uws_linux_x64_115.node');
    const java = [
      at('/j/libjvm.so', 'os::malloc(unsigned long, MEMFLAGS)'),
      at('/j/libjvm.so', 'Unsafe_AllocateMemory0'),
      at('/j/libjvm.so', 'JavaCalls::call_helper(JavaValue*)'),
      at('/j/libjvm.so', 'thread_native_entry(Thread*)'),
    ];
    assert.equal(nameNativeStack(java), 'Unsafe_AllocateMemory0 libjvm.so');
  });

  it('gives the line where it is known, and what a function template returns does not hide its name', () => {
    const stack = [
      at('/srv/app', 'std::pair<int, long> app::make<int>(std::vector<int> const&)', '/s/a.cc', 12),
      at('/srv/app', 'main', '/s/main.cc', 3),
    ];
    assert.equal(nameNativeStack(stack), 'app::make a.cc:12 < main main.cc:3');
  });

  it('names what is nearest where there is nothing else', () => {
    const malloc = at('/lib/libc.so.6', 'malloc');
    assert.equal(
      nameNativeStack([malloc, at('/n', 'v8::internal::Zone::Expand(int)')]),
      'v8::internal::Zone::Expand n',
    );
    assert.equal(nameNativeStack([malloc]), 'malloc libc.so.6');
    assert.equal(nameNativeStack([unnamed]), '0x7f12');
    assert.equal(nameNativeStack([]), '(no stack)');
  });
});
