import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What this program takes from its own package.json. */
export interface Package {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Folder of this package: of the clone, whatever build runs, or of the installed package. What is not compiled lies there.
 */
export const packageFolder = findPackageFolder(import.meta.dirname);

/** Reads the version and the dependencies of this package. */
export function readPackage(): Package {
  return readPackageFile(packageFolder) as Package;
}

/** A build has a package.json of its own, without a name, so that its modules find each other. */
function findPackageFolder(folder: string): string {
  if (readPackageFile(folder)?.name === 'tidemark') return folder;
  if (dirname(folder) === folder) throw new Error('The package.json of tidemark is missing');
  return findPackageFolder(dirname(folder));
}

function readPackageFile(folder: string): (Package & { readonly name?: string }) | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
  } catch {
    // None in this folder: the next one up is looked at.
    return undefined;
  }
}
