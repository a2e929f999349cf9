/** What of the server is on the machine that is looked at. */
export type ServerPlace =
  /** Our server, which starts as many workers as it takes. */
  | 'workers'
  /** A server of one process. */
  | 'one process'
  /** A server that is started with the run, and of which nobody knows how many processes it has. */
  | 'started'
  /** The same, but it runs already, under limits of its own. */
  | 'running'
  /** Nothing: it runs on another machine. */
  | 'elsewhere';

/** What a run asks of the machine that is looked at. */
export interface RunDemand {
  /** Connections open at once. */
  readonly connections: number;
  /** Connections per second. */
  readonly rate: number | 'max';
  readonly server: ServerPlace;
  /** Whether the load generator runs on this machine. */
  readonly holdsGenerator: boolean;
  /** Workers of our server and processes of the load generator, where the user has chosen. */
  readonly workers?: number;
  readonly generators?: number;
}

/** Returns how many ends of each connection are on this machine, 0 to 2. */
export function endsHere({ server, holdsGenerator }: RunDemand): number {
  return (server === 'elsewhere' ? 0 : 1) + (holdsGenerator ? 1 : 0);
}
