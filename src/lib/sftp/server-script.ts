import { perlCalls } from '../host/perl-calls'
import besideEntering from './enter-beside.pl'
import entering from './enter-files.pl'
import extensions from './extensions.pl'
import ownExtensions from './own-extensions.pl'
import rawCalls from './raw-calls.pl'
import serving from './serve.pl'
import smallFiles from './small-files.pl'

/** The program that serves files, for the host's perl. Node's name of the machine is its first word. */
export const serverScript = perlCalls + rawCalls + entering + serving + extensions + ownExtensions + smallFiles

/** The same for a perl in a container beside, for clients that are not ours. */
export const besideServerScript = perlCalls + besideEntering + serving + extensions
