import { PACKAGE_ROOT, PROJECT_DIR } from './roots.ts';

const IN_CHECKOUT = 'npm run ralph --';

/** How Ralph is called here: from a checkout, or as an installed package. */
export const RALPH = PACKAGE_ROOT === PROJECT_DIR ? IN_CHECKOUT : 'npx ralph';

/** A text with the commands that it names as they are typed here: a project that has Ralph as a package has none of its scripts. */
export function asTyped(text: string, ralph = RALPH): string {
  return text.replaceAll(IN_CHECKOUT, ralph);
}
