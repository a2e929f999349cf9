import type { JsHistogram } from 'hdr-histogram-js';
// Only the modules that are used: the package's own entry loads its WebAssembly build and all other forms of histograms too, which takes
// 24 ms of CPU and 2.1 MB more in each process (Node 20), and there may be more than fifty.
import int32Histogram from 'hdr-histogram-js/dist/Int32Histogram.js';
import { decompress, doDecode } from 'hdr-histogram-js/dist/JsHistogram.encoding.js';

/** A latency distribution, counted from the scheduled moment, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly min_ms: number;
  readonly mean_ms: number;
  readonly p50_ms: number;
  readonly p90_ms: number;
  readonly p99_ms: number;
  readonly p999_ms: number;
  readonly max_ms: number;
  /** HdrHistogram, V2 compressed and base64: adds up exactly with those of other processes and runs. Unit: µs. */
  readonly histogram: string;
}

/** The longest latency that is told apart, an hour; longer ones count as this. */
const longestMicros = 3_600_000_000;

/**
 * A distribution of latencies, kept in microseconds with three significant digits. Distributions of several
 * processes and runs add up exactly.
 */
export class Latencies {
  readonly #histogram: JsHistogram;

  constructor(encoded?: string) {
    this.#histogram = encoded === undefined ? createHistogram() : decode(encoded);
  }

  /** Values recorded. */
  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Counts a latency in milliseconds. A negative one (clocks are read one after the other) counts as 0. */
  recordMs(latencyMs: number): void {
    const micros = Math.round(latencyMs * 1000);
    this.#histogram.recordValue(Math.min(Math.max(0, micros), longestMicros));
  }

  /** Adds all values of another distribution. */
  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  /** Returns the latency in milliseconds that `percentile` percent of the values don't exceed; 0 if there are none. */
  percentileMs(percentile: number): number {
    const micros = this.#histogram.getValueAtPercentile(percentile);
    // The histogram answers with the upper end of a bucket, which may lie beyond the largest value.
    return Math.min(micros, this.#histogram.maxValue) / 1000;
  }

  /** Returns the text from which the constructor makes the same distribution: HdrHistogram V2, compressed, base64. */
  encode(): string {
    return this.#histogram.encodeIntoCompressedBase64();
  }

  /** Returns the figures that the report shows. With a count of 0, all of them are 0. */
  summarize(): LatencySummary {
    const isEmpty = this.count === 0;
    return {
      count: this.count,
      min_ms: isEmpty ? 0 : this.percentileMs(0),
      mean_ms: isEmpty ? 0 : this.#histogram.mean / 1000,
      p50_ms: this.percentileMs(50),
      p90_ms: this.percentileMs(90),
      p99_ms: this.percentileMs(99),
      p999_ms: this.percentileMs(99.9),
      max_ms: isEmpty ? 0 : this.#histogram.maxValue / 1000,
      histogram: this.encode(),
    };
  }
}

/** Of three significant digits. The WebAssembly build is no faster for single values, and has to be loaded and destroyed by hand. */
function createHistogram(): JsHistogram {
  return new int32Histogram.default(1, longestMicros, 3);
}

function decode(encoded: string): JsHistogram {
  return doDecode(decompress(Buffer.from(encoded, 'base64')), 32);
}

/** Returns distributions of nothing, of all that a process of the generator times. */
export function noLatencies(): Record<'connect' | 'greeting' | 'echo' | 'lag', Latencies> {
  return {
    connect: new Latencies(),
    greeting: new Latencies(),
    echo: new Latencies(),
    lag: new Latencies(),
  };
}
