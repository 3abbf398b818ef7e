import endSession from '../host/end-session.pl'
import { perlCalls } from '../host/perl-calls'
import wayIn from './enter.pl'
import layingTools from './mount-tools.pl'
import streaming from './streams.pl'
import keeping from './supervise.pl'

/** The program that enters namespaces, for the host's perl; its parts share their variables. */
export const wayScript = [perlCalls, endSession, wayIn, streaming, layingTools, keeping].join('')
