import text from './perl-calls.pl'

/** System calls, to be put in front of a program for a perl. */
export const perlCalls = text

/** Machines that it knows. */
export const knownMachines: readonly NodeJS.Architecture[] = ['x64', 'arm64']
