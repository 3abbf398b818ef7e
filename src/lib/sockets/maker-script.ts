import { perlCalls } from '../host/perl-calls'
import making from './maker.pl'

/** The program that makes sockets, for the host's perl. Node's name of the machine is its first word. */
export const makerScript = perlCalls + making
