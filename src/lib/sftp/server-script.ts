import { perlCalls } from '../host/perl-calls'
import entering from './enter-files.pl'
import extensions from './extensions.pl'
import ownExtensions from './own-extensions.pl'
import serving from './serve.pl'

/** The program that serves files, for the host's perl. Node's name of the machine is its first word. */
export const serverScript = perlCalls + entering + serving + extensions + ownExtensions
