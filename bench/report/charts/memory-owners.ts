import { ownerKeys, owners } from '../../results/owners.js';
import type { SampleRow } from '../../results/sample-columns.js';
import type { MemoryFigure } from '../../results/wave-figures.js';
import type { Texture, Tone } from '../embedded/report-document.js';

/** How an owner of memory is shown wherever it appears. */
export interface OwnerLook {
  readonly label: string;
  readonly tone: Tone;
  readonly texture: Texture;
}

/** The parts of an owner that the charts over time show one by one, by column of samples.csv. */
const parts: Readonly<Partial<Record<keyof SampleRow, OwnerLook>>> = {
  native_other_bytes: { label: 'other', tone: 'green', texture: 'level' },
  native_stacks_bytes: { label: 'stacks', tone: 'purple', texture: 'dots' },
  kernel_sockets_bytes: { label: 'sockets', tone: 'blue', texture: 'plain' },
  kernel_tcp_buffers_bytes: { label: 'TCP buffers', tone: 'yellow', texture: 'rising' },
};

/** Who owns the resident memory of the target, by column of samples.csv; stacked in this order, the first at the bottom. */
export const residentOwners: Looks = {
  ...looksByColumn('files'),
  ...looksByColumn('inside'),
  unattributed_bytes: { label: 'unattributed', tone: 'grey', texture: 'falling' },
};

/** Resident memory as a whole, where nobody tells who owns it. */
export const undividedMemory: OwnerLook = { label: 'RSS', tone: 'sky', texture: 'plain' };

/** What the kernel holds for the connections of the whole machine, by column of samples.csv. */
export const kernelOwners = looksByColumn('kernel');

/** Who owns the private memory at a floor; together they are what the verdict is about. */
export const privateOwners: Readonly<Partial<Record<MemoryFigure, OwnerLook>>> = Object.fromEntries(
  stacked('inside').map((owner) => [owners[owner].figure, lookOf(owner)]),
);

type Looks = Readonly<Partial<Record<keyof SampleRow, OwnerLook>>>;

function looksByColumn(place: (typeof owners)[keyof typeof owners]['place']): Looks {
  return Object.fromEntries(
    stacked(place).flatMap((owner) =>
      owners[owner].columns.map((column) => [column, parts[column] ?? lookOf(owner)]),
    ),
  );
}

/** What connections need belongs on top, where its growth shows; the rest lies below. */
function stacked(place: (typeof owners)[keyof typeof owners]['place']) {
  const [rest, named] = [
    ownerKeys.filter((owner) => owner === 'other'),
    ownerKeys.filter((owner) => owner !== 'other'),
  ];
  return [...rest, ...named].filter((owner) => owners[owner].place === place);
}

function lookOf(owner: keyof typeof owners): OwnerLook {
  const { label, tone, texture } = owners[owner];
  return { label, tone, texture };
}
