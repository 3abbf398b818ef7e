import { perlCalls } from '../host/perl-calls'
import carrying from './carrier.pl'

/** The program that carries connections, for a perl beside a container. Node's name of the machine is its first word. */
export const carrierScript = perlCalls + carrying
