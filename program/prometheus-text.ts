import { Counter, Gauge, Registry } from 'prom-client';

/** Content type of the text format of Prometheus. */
export const prometheusContentType = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * The figures of a program in the text format of Prometheus, made anew for each scrape, so that what is gone leaves no series behind.
 * To be imported where somebody asks for them only: prom-client takes 45 ms of CPU to load.
 */
export class PrometheusText {
  readonly #registry = new Registry();
  readonly #prefix: string;

  /** @param prefix of all names */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Adds a figure: a counter if its name ends in `_total`, as Prometheus wants it of those and no others, else a gauge. */
  add(name: string, help: string, value: number): void {
    if (!name.endsWith('_total')) this.gauge(name, help, []).set(value);
    else {
      // A counter can't be set; a new one stands at 0 and is raised to the total.
      const registers = [this.#registry];
      new Counter({ name: `${this.#prefix}${name}`, help, registers }).inc(value);
    }
  }

  /** Adds a figure that has a value for each combination of labels, to be set by the caller. */
  gauge<Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> {
    const registers = [this.#registry];
    return new Gauge({ name: `${this.#prefix}${name}`, help, labelNames, registers });
  }

  write(): Promise<string> {
    return this.#registry.metrics();
  }
}
